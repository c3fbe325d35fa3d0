package social.avatarai.mcp.token;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.Outgoing;
import social.avatarai.mcp.registration.CredentialSource;
import social.avatarai.mcp.store.Grants;

/**
 * Ends a grant: revokes it at its issuer (RFC 7009), then forgets it. An issuer that cannot be reached, or says no, keeps
 * nobody from being forgotten.
 */
public final class Revocation {
  /** What is left for forgetting. */
  private static final Duration FOR_FORGETTING = Duration.ofSeconds(4);
  /** What is left for whoever had to drop tokens. */
  private static final Duration FOR_GOING_ON = Duration.ofSeconds(1);

  private final Discovery discovery;
  private final CredentialSource credentials;
  private final Outbound outbound;
  private final Grants grants;
  private final Journal journal;

  public Revocation(Discovery discovery, CredentialSource credentials, Outbound outbound, Grants grants,
      Journal journal) {
    this.discovery = discovery;
    this.credentials = credentials;
    this.outbound = outbound;
    this.grants = grants;
    this.journal = journal;
  }

  /** Ends a grant; whether its issuer has revoked it. */
  public boolean end(Grant grant, Deadline deadline) {
    boolean revoked = revokeAndForget(grant, deadline);
    journal.write("disconnected", Map.of("connection", grant.key().connection(), "revoked", revoked));
    return revoked;
  }

  /**
   * Where a refresh has renewed it meanwhile, the tokens that were revoked are not its tokens any more: once more, with
   * those. A refresh still under way finds the row gone, and drops what it gets itself. So nobody takes a lease here,
   * which after an attempt that died may last longer than this invocation; what died with an attempt, nobody holds.
   */
  private boolean revokeAndForget(Grant grant, Deadline deadline) {
    boolean revoked = revoke(grant, Deadline.in(deadline.remaining().minus(FOR_FORGETTING)));
    if (grants.delete(grant)) return revoked;
    return grants.read(grant.key()).filter(current -> current.id().equals(grant.id()))
        .map(current -> revokeAndForget(current, deadline)).orElse(revoked);
  }

  /**
   * Revokes tokens that came too late to be kept, as far as that can be done.
   *
   * <p>Not where the connection has a grant of the same issuer and client: some issuers (Google) end all that a user has
   * granted a client with any one token of it. A grant is worth more than the end of tokens that nobody holds.
   *
   * @param unkept the grant that is not kept
   * @param current what the connection has
   */
  public void drop(Grant unkept, Optional<Grant> current, Deadline deadline) {
    boolean shared = current.filter(kept -> kept.target().issuer().equals(unkept.target().issuer())
        && kept.client().id().equals(unkept.client().id())).isPresent();
    boolean revoked = !shared && revoke(unkept, Deadline.in(deadline.remaining().minus(FOR_GOING_ON)));
    journal.write("tokens_dropped", Map.of("connection", unkept.key().connection(), "revoked", revoked));
  }

  private boolean revoke(Grant grant, Deadline deadline) {
    try {
      var server = discovery.authorizationServer(grant.target().issuer(), deadline).metadata();
      // Metadata that names another token endpoint than the grant came from is not shown its tokens.
      if (!server.tokenEndpoint().equals(grant.target().tokenEndpoint())) return false;
      var client = credentials.of(grant.client(), grant.target().issuer());
      return server.revocationEndpoint().map(endpoint -> {
        var refreshToken = grant.tokens().refreshToken();
        // RFC 7009 §2.1: with a refresh token, the access tokens of its grant go too.
        return refreshToken != null
            ? TokenRequest.forRevocation(endpoint, refreshToken, "refresh_token", client)
            : TokenRequest.forRevocation(endpoint, grant.tokens().accessToken(), "access_token", client);
      }).filter(request -> isRevoked(request, deadline)).isPresent();
    } catch (Failure e) {
      return not(grant, e.detail());
    } catch (RuntimeException e) {
      return not(grant, e.getClass().getName());
    }
  }

  private boolean isRevoked(Outgoing request, Deadline deadline) {
    return outbound.exchange(request, deadline).head().isSuccess();
  }

  private boolean not(Grant grant, String detail) {
    journal.write("not_revoked", Map.of("connection", grant.key().connection(), "detail", detail));
    return false;
  }
}
