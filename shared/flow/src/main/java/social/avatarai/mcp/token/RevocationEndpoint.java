package social.avatarai.mcp.token;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.discovery.ProviderRevocation;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.http.Site;
import social.avatarai.mcp.registration.ClientCredentials;
import social.avatarai.mcp.registration.CredentialSource;

/**
 * Sends revocations (RFC 7009 §2.1, or as the profile of the provider says). A failed revocation is written to the journal. It fails only with {@code
 * too_many_requests}, for a user with too many slow calls: nothing was sent then, and a later call can revoke the token.
 */
public final class RevocationEndpoint {
  private static final int MAX_ERROR_BYTES = 4_096;

  private final Discovery discovery;
  private final Profiles profiles;
  private final CredentialSource credentials;
  private final Outbound outbound;
  private final Journal journal;

  public RevocationEndpoint(Discovery discovery, Profiles profiles, CredentialSource credentials, Outbound outbound,
      Journal journal) {
    this.discovery = discovery;
    this.profiles = profiles;
    this.credentials = credentials;
    this.outbound = outbound;
    this.journal = journal;
  }

  /**
   * Revokes a token at its own issuer, as its own client. If the issuer cannot revoke refresh tokens, the access token is
   * revoked, and the result stays the one of the refresh token.
   *
   * @param accessToken the access token of the same grant; null if it is not known
   */
  Revocation.Result revoke(RevocableToken token, @Nullable AccessToken accessToken, Deadline deadline) {
    // Without its client, a token cannot be revoked (RFC 7009 §2.1).
    if (!token.client().isKnown()) return Revocation.Result.NOTHING;
    var way = way(token.target());
    try {
      return way == null
          ? revokeByStandard(token, accessToken, deadline)
          : revokeBy(way, token, accessToken, deadline);
    } catch (Failure.Crowded e) {
      throw e;
    } catch (Failure e) {
      return noteNotRevoked(token, e.detail(), e.upstreamStatus().orElse(null));
    } catch (RuntimeException e) {
      return noteNotRevoked(token, e.getClass().getName(), null);
    }
  }

  /** The way of the provider's profile; null for RFC 7009. Endpoints that a record states are asked by RFC 7009. */
  private @Nullable ProviderRevocation way(GrantTarget target) {
    return target.stated() == null ? profiles.requestsTo(target.issuer()).revocation() : null;
  }

  /** Whether access tokens are revoked there and no refresh tokens, so that an access token is to be kept. */
  boolean takesAccessTokens(GrantTarget target) {
    var way = way(target);
    return way != null && way.takes() == ProviderRevocation.Token.ACCESS_TOKEN;
  }

  private Revocation.Result revokeByStandard(RevocableToken token, @Nullable AccessToken accessToken,
      Deadline deadline) {
    var stated = token.target().stated();
    var endpoint = stated == null ? published(token.target(), deadline) : stated.revocation();
    if (endpoint.isEmpty()) return Revocation.Result.NOTHING;
    var client = credentials.of(token.client(), token.target().registeredAt());
    var response = send(request(endpoint.get(), token, client), deadline);
    if (accessToken != null && token.isRefreshToken() && isUnsupported(response)) {
      send(request(endpoint.get(), token.with(accessToken), client), deadline);
    }
    return result(response);
  }

  private Optional<EndpointUrl> published(GrantTarget target, Deadline deadline) {
    var server = discovery.authorizationServer(target.issuer(), deadline).metadata();
    var endpoint = server.revocationEndpoint();
    if (endpoint.isEmpty() || isTrusted(endpoint.get(), server.tokenEndpoint(), target)) return endpoint;
    throw new Failure.ProtocolBroken(ErrorCode.INVALID_METADATA, "The token was not revoked.",
        "the issuer's metadata names an endpoint on another site");
  }

  /**
   * Revokes in the provider's own way.
   *
   * <p>Rule: a token is revoked by RFC 7009, at the endpoint in the issuer's metadata. Deviation: a profile names another
   * request, and its URL. Forced by: GitHub and Notion, which have no other revocation. Still strict: a profile is part
   * of this product or of the operator's settings, so nothing that is stored or published decides where the token goes, and the profile is the one of
   * the sealed issuer.
   */
  private Revocation.Result revokeBy(ProviderRevocation way, RevocableToken token, @Nullable AccessToken accessToken,
      Deadline deadline) {
    var taken = switch (way.takes()) {
      case ACCESS_TOKEN -> token.isRefreshToken() ? accessToken : token.token();
      case REFRESH_TOKEN -> token.isRefreshToken() ? token.token() : null;
    };
    if (taken == null) return noteNotRevoked(token, "the provider revokes another kind of token", null);
    var client = credentials.of(token.client(), token.target().registeredAt());
    return requests(token).forRevocation(way, taken, client)
        .map(request -> ownResult(outbound.exchange(request, deadline,
            (head, body) -> new HttpResponse(head, beginning(body)))))
        .orElseGet(() -> noteNotRevoked(token, "the provider revokes for clients with a secret", null));
  }

  private TokenRequest requests(RevocableToken token) {
    return new TokenRequest(profiles.requestsTo(token.target().issuer()));
  }

  private OutboundRequest request(EndpointUrl endpoint, RevocableToken token, ClientCredentials client) {
    return requests(token).forRevocation(endpoint, token.token(), token.hint(), client);
  }

  private static Revocation.Result result(HttpResponse response) {
    return new Revocation.Result(response.head().isSuccess(), response.status());
  }

  /** A provider with a revocation of its own may report a failure with 200, as Slack does. */
  private static Revocation.Result ownResult(HttpResponse response) {
    boolean failed = response.object().filter(body -> Json.text(body, "error").isPresent()
        || (body.path("ok").isBoolean() && !body.path("ok").booleanValue())).isPresent();
    return new Revocation.Result(response.head().isSuccess() && !failed, response.status());
  }

  /**
   * Whether a token of this target, and its client's secret, may be sent to a revocation endpoint. The endpoint is in no
   * row: it is in the metadata of today, which may have changed since the consent. So it must be on the site of the
   * sealed token endpoint, which has both secrets already, or on the issuer's own site. If the metadata names a token
   * endpoint on another site than the sealed one, its other endpoints are not used either.
   */
  private static boolean isTrusted(EndpointUrl revocation, EndpointUrl publishedToken, GrantTarget target) {
    return Site.isShared(publishedToken, target.tokenEndpoint())
        && (Site.isShared(revocation, target.tokenEndpoint()) || Site.isShared(revocation, target.issuer().url()));
  }

  private HttpResponse send(OutboundRequest request, Deadline deadline) {
    return outbound.exchange(request, deadline,
        (head, body) -> new HttpResponse(head, head.isSuccess() ? new byte[0] : beginning(body)));
  }

  /**
   * The beginning of a response, which may hold an error word. The status says everything else (RFC 7009 §2.2),
   * so a body that is damaged counts as empty.
   */
  private static byte[] beginning(InputStream body) {
    try {
      return body.readNBytes(MAX_ERROR_BYTES);
    } catch (IOException | Failure e) {
      return new byte[0];
    }
  }

  /** RFC 7009 §2.2.1: the issuer does not support the revocation of this type of token. */
  private static boolean isUnsupported(HttpResponse response) {
    return !response.head().isSuccess() && response.object().flatMap(body -> Json.text(body, "error"))
        .filter("unsupported_token_type"::equals).isPresent();
  }

  private Revocation.Result noteNotRevoked(RevocableToken token, String detail, @Nullable Integer upstreamStatus) {
    journal.write("not_revoked", Map.of("connection", token.connection().connection(), "detail", detail));
    return new Revocation.Result(false, upstreamStatus);
  }
}
