package social.avatarai.mcp.token;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.http.Site;
import social.avatarai.mcp.registration.CredentialSource;

/**
 * Sends revocations (RFC 7009 §2.1). A failed revocation is written to the journal. It fails only with {@code
 * too_many_requests}, for a user with too many slow calls: nothing was sent then, and a later call can revoke the token.
 */
public final class RevocationEndpoint {
  private final Discovery discovery;
  private final CredentialSource credentials;
  private final Outbound outbound;
  private final Journal journal;

  public RevocationEndpoint(Discovery discovery, CredentialSource credentials, Outbound outbound, Journal journal) {
    this.discovery = discovery;
    this.credentials = credentials;
    this.outbound = outbound;
    this.journal = journal;
  }

  /** Revokes a token at its own issuer, as its own client. */
  Revocation.Result revoke(RevocableToken token, Deadline deadline) {
    try {
      var issuer = token.target().issuer();
      var server = discovery.authorizationServer(issuer, deadline).metadata();
      var endpoint = server.revocationEndpoint();
      if (endpoint.isEmpty()) return Revocation.Result.NOTHING;
      if (!isTrusted(endpoint.get(), server.tokenEndpoint(), token.target())) {
        return noteNotRevoked(token, "the issuer's metadata names an endpoint on another site", null);
      }
      var client = credentials.of(token.client(), issuer);
      return send(TokenRequest.forRevocation(endpoint.get(), token.token(), token.hint(), client), deadline);
    } catch (Failure.Crowded e) {
      throw e;
    } catch (Failure e) {
      return noteNotRevoked(token, e.detail(), e.upstreamStatus().orElse(null));
    } catch (RuntimeException e) {
      return noteNotRevoked(token, e.getClass().getName(), null);
    }
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

  private Revocation.Result send(OutboundRequest request, Deadline deadline) {
    // The status says it all (RFC 7009 §2.2). A body that is too long or damaged changes nothing about it.
    var head = outbound.exchange(request, deadline, (answered, _) -> answered);
    return new Revocation.Result(head.isSuccess(), head.status());
  }

  private Revocation.Result noteNotRevoked(RevocableToken token, String detail, @Nullable Integer upstreamStatus) {
    journal.write("not_revoked", Map.of("connection", token.connection().connection(), "detail", detail));
    return new Revocation.Result(false, upstreamStatus);
  }
}
