package social.avatarai.mcp.token;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AuthorizationCode;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.discovery.ProviderResponses;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.registration.ClientCredentials;

/** Sends token requests: a code once, a refresh token once per call. {@link TokenResponses} judges the responses. */
public final class TokenEndpoint {
  private final Outbound outbound;
  private final IssuerRules rules;
  private final Clock clock;
  private final Journal journal;

  public TokenEndpoint(Outbound outbound, IssuerRules rules, Clock clock, Journal journal) {
    this.outbound = outbound;
    this.rules = rules;
    this.clock = clock;
    this.journal = journal;
  }

  /** Redeems a code. */
  public TokenResponse redeem(CodeExchange exchange, AuthorizationCode code, ClientCredentials credentials,
      Deadline deadline) {
    var request = requests(exchange.target().issuer()).forCode(exchange, code, credentials);
    return send(request, exchange.target(),
        new Expected(exchange.scope(), separator(exchange.target()), credentials.id(), null,
            exchange.publishedIssuer()),
        deadline);
  }

  /** Sends the refresh token of a grant. */
  public TokenResponse refresh(Grant grant, ClientCredentials credentials, Deadline deadline) {
    var target = grant.target();
    var token = Objects.requireNonNull(grant.tokens().refreshToken());
    var granted = grant.tokens().scope();
    boolean named = rules.profiles().of(target.issuer()).filter(Profile::refreshNamesScope).isPresent();
    var request = requests(target.issuer()).forRefresh(target, token, named ? granted : Scopes.none(), credentials);
    return send(request, target, new Expected(granted, separator(target), grant.client().id(), grant, target.issuer()),
        deadline);
  }

  /**
   * Sends a refresh token that is not stored here. Its resource is unknown, so the audience is not checked. Its account
   * is not read either, because the tokens are not kept.
   */
  public TokenResponse relay(AuthorizationServerMetadata server, RefreshToken token, ClientCredentials credentials,
      Deadline deadline) {
    var request = requests(server.issuer()).forRelay(server.tokenEndpoint(), token, credentials);
    return send(request, server.issuer(),
        new Expected(Scopes.none(), separator(server.issuer()), null, null, server.issuer()), deadline);
  }

  private TokenRequest requests(Issuer issuer) {
    return new TokenRequest(rules.profiles().requestsTo(issuer));
  }

  /**
   * What a response is judged by.
   *
   * @param scope the scopes that count as granted if the response names none
   * @param separator what separates scopes in the response
   * @param client the client, to read whose account the tokens are for; null if they are not kept
   * @param renewed the grant whose refresh token was sent; null for another token or a code
   * @param published the issuer that an ID token has to name
   */
  private record Expected(Scopes scope, String separator, @Nullable ClientId client, @Nullable Grant renewed,
      Issuer published) {
    /** Whether a refresh token was sent. */
    boolean refreshed() {
      return client == null || renewed != null;
    }
  }

  private String separator(GrantTarget target) {
    var stated = target.stated();
    return stated == null ? separator(target.issuer()) : stated.scopeSeparator();
  }

  private String separator(Issuer issuer) {
    return rules.profiles().of(issuer).map(Profile::scopeSeparator).orElse(" ");
  }

  private TokenResponse send(OutboundRequest request, GrantTarget target, Expected expected, Deadline deadline) {
    var judged = send(request, target.issuer(), expected, deadline);
    boolean unchecked = rules.profiles().of(target.issuer()).map(Profile::audienceUnchecked).orElse(false);
    return judged instanceof TokenResponse.Granted(var tokens) && !unchecked
        && !Audience.fits(tokens.accessToken(), target) ? new TokenResponse.Misdirected(tokens) : judged;
  }

  private TokenResponse send(OutboundRequest request, Issuer issuer, Expected expected, Deadline deadline) {
    try {
      var response = outbound.exchange(request, deadline);
      var body = TokenBody.of(response);
      if (!body.faults().isEmpty()) {
        journal.write("response_salvaged", Map.of("server", request.url().origin(), "faults", body.faults()));
      }
      var judged = TokenResponses.judge(response.head(), body, requested(issuer, expected));
      return judged instanceof TokenResponse.Granted(var tokens) && expected.client() != null
          ? new TokenResponse.Granted(tokens.of(account(body.members(), issuer, expected.client(), expected)))
          : judged;
    } catch (Failure.Unreachable e) {
      return e.mayHaveArrived() ? unknown(e) : unreached();
    } catch (Failure.BadRequest e) {
      // The outbound door refused the URL, so nothing was sent. Another release or setting may allow it.
      return unreached();
    } catch (Failure.ProtocolBroken e) {
      return unknown(e);
    }
  }

  /**
   * Whose account the tokens are for. A response that does not say it is as good as any other. The code or the refresh
   * token is spent, so a fault of ours costs the account alone, and not the tokens.
   */
  private @Nullable Identity account(ObjectNode response, Issuer issuer, ClientId client, Expected expected) {
    try {
      return read(response, issuer, client, expected);
    } catch (RuntimeException e) {
      journal.write("account_not_named", Map.of("server", issuer, "detail", e.getClass().getName()));
      return null;
    }
  }

  private @Nullable Identity read(ObjectNode response, Issuer issuer, ClientId client, Expected expected) {
    var source = rules.profiles().of(issuer).map(Profile::account).orElse(null);
    var reader = new AccountReader(issuer, expected.published(), client, source, clock.instant());
    var renewed = expected.renewed();
    var found = renewed == null
        ? reader.named(response)
        : reader.named(response, renewed.tokens().identity());
    if (found.fault() != null) journal.write("id_token_unused", Map.of("server", issuer, "claim", found.fault()));
    return found.account();
  }

  /**
   * What the profile of this issuer says of its responses.
   *
   * <p>Rule: a dead refresh token is {@code invalid_grant} (RFC 6749 §5.2). Deviation: a profile may name other errors.
   * Forced by: providers that say {@code invalid_request}. Still strict: the errors count at this issuer alone, for
   * refresh tokens alone, and with the description that the profile demands.
   */
  private TokenResponses.Requested requested(Issuer issuer, Expected expected) {
    var profile = rules.profiles().of(issuer);
    return new TokenResponses.Requested(expected.scope(), expected.separator(), clock.instant(),
        expected.refreshed() ? profile.map(Profile::deadRefreshTokenErrors).orElse(List.of()) : List.of(),
        !rules.profiles().requestsTo(issuer).refreshedWhenRefused(),
        profile.map(Profile::responses).orElse(ProviderResponses.STANDARD));
  }

  private static TokenResponse unreached() {
    return new TokenResponse.TryAgain(Duration.ZERO, null);
  }

  private static TokenResponse unknown(Failure failure) {
    String fault = failure.code() == ErrorCode.INVALID_UPSTREAM_ANSWER ? failure.safeMessage() : "";
    return new TokenResponse.Unknown(failure.detail(), failure.upstreamStatus().orElse(null), fault);
  }
}
