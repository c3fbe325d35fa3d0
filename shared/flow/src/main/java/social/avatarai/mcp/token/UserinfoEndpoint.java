package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.discovery.AccountSource;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.http.Site;
import social.avatarai.mcp.registration.ClientIdentity;

/**
 * Asks an issuer with a new access token whose account it is for, where the token response does not say it. One request
 * for each consent at most. A consent never fails or waits long because of it: without a usable response the account is
 * not known.
 *
 * <p>Rule: an access token goes to its resource alone. Deviation: it goes to a UserInfo endpoint too (OpenID Connect Core
 * §5.3.1). Forced by: providers that name the account nowhere else. Still strict: a profile names the endpoint, or the
 * metadata of the issuer does, {@code openid} was granted, and the endpoint is on the site of the token endpoint, which has
 * just made the token. So no party sees the token that could not make it. Endpoints that a user's record states, or that
 * are guessed, are never asked.
 */
public final class UserinfoEndpoint {
  private static final String OPENID = "openid";
  /** A browser waits for the consent to end. */
  private static final Duration MAX_TIME = Duration.ofSeconds(2);
  /** With less time than this, the rest is left for storing the grant. */
  private static final Duration MIN_FOR_STORING = Duration.ofSeconds(5);
  private static final int MAX_BYTES = 64 * 1024;

  private final Outbound outbound;
  private final Profiles profiles;
  private final Clock clock;
  private final Journal journal;

  public UserinfoEndpoint(Outbound outbound, Profiles profiles, Clock clock, Journal journal) {
    this.outbound = outbound;
    this.profiles = profiles;
    this.clock = clock;
    this.journal = journal;
  }

  /** The endpoint in the metadata of an issuer; empty if there is none that may see an access token. */
  public static Optional<EndpointUrl> of(AuthorizationServerMetadata metadata) {
    return metadata.userinfoEndpoint().filter(url -> isNextTo(metadata.tokenEndpoint(), url));
  }

  private static boolean isNextTo(EndpointUrl tokenEndpoint, EndpointUrl url) {
    return Site.isShared(tokenEndpoint, url) && url.isHttps() == tokenEndpoint.isHttps();
  }

  /**
   * The same tokens, of the account that the issuer names.
   *
   * @param ofMetadata the endpoint that the metadata named when the flow began; null for none
   */
  public Tokens named(Tokens tokens, GrantTarget target, ClientIdentity client, @Nullable EndpointUrl ofMetadata,
      Deadline deadline) {
    if (tokens.identity() != null || !deadline.hasAtLeast(MIN_FOR_STORING)) return tokens;
    var source = profiles.of(target.issuer()).map(Profile::account).orElse(null);
    // The claims here have the names that they have in an ID token (OpenID Connect Core §5.3.2).
    var url = source == null || source.kind() == AccountSource.Kind.ID_TOKEN
        ? openId(tokens, target, ofMetadata)
        : source.url();
    if (url == null || target.stated() != null) return tokens;
    var reader = new AccountReader(target.issuer(), client.id(), source, clock.instant());
    return tokens.of(account(url, tokens.accessToken(), reader, deadline).orElse(null));
  }

  private static @Nullable EndpointUrl openId(Tokens tokens, GrantTarget target, @Nullable EndpointUrl ofMetadata) {
    return ofMetadata != null && tokens.scope().contains(OPENID) && isNextTo(target.tokenEndpoint(), ofMetadata)
        ? ofMetadata
        : null;
  }

  /** The code is used up, so the tokens are worth more than the account: a fault of ours costs the account alone. */
  private Optional<Identity> account(EndpointUrl url, AccessToken token, AccountReader reader, Deadline deadline) {
    try {
      var request = OutboundRequest.document(url).unredirected().closingConnection().within(MAX_BYTES, MAX_TIME)
          .with("Authorization", "Bearer " + token.reveal());
      var response = outbound.exchange(request, Deadline.in(deadline.remaining(MAX_TIME)));
      if (response.head().status() == 200) return response.object().flatMap(reader::asked);
      note(url, "status " + response.head().status());
    } catch (Failure e) {
      note(url, e.code().wireName());
    } catch (RuntimeException e) {
      note(url, e.getClass().getName());
    }
    return Optional.empty();
  }

  private void note(EndpointUrl url, String detail) {
    journal.write("account_not_named", Map.of("server", url.origin(), "detail", detail));
  }
}
