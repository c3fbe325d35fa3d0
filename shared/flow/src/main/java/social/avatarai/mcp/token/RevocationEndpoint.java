package social.avatarai.mcp.token;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.http.Site;
import social.avatarai.mcp.registration.CredentialSource;

/** Sends revocations (RFC 7009 §2.1). It never fails: a failed revocation is written to the journal. */
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
      // If the token endpoint in the metadata is on another site than the endpoint of the grant, the token is not sent
      // there.
      if (!Site.isShared(server.tokenEndpoint(), token.target().tokenEndpoint())) return Revocation.Result.NOTHING;
      var client = credentials.of(token.client(), issuer);
      return server.revocationEndpoint()
          .map(endpoint -> TokenRequest.forRevocation(endpoint, token.token(), token.hint(), client))
          .map(request -> send(request, deadline)).orElse(Revocation.Result.NOTHING);
    } catch (Failure e) {
      return noteNotRevoked(token, e.detail(), e.upstreamStatus().orElse(null));
    } catch (RuntimeException e) {
      return noteNotRevoked(token, e.getClass().getName(), null);
    }
  }

  private Revocation.Result send(OutboundRequest request, Deadline deadline) {
    var head = outbound.exchange(request, deadline).head();
    return new Revocation.Result(head.isSuccess(), head.status());
  }

  private Revocation.Result noteNotRevoked(RevocableToken token, String detail, @Nullable Integer upstreamStatus) {
    journal.write("not_revoked", Map.of("connection", token.connection().connection(), "detail", detail));
    return new Revocation.Result(false, upstreamStatus);
  }
}
