package social.avatarai.mcp.server;

import java.util.Map;
import java.util.function.BiPredicate;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.record.McpServer.Terms;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.registration.Deregistration;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Grants;

/**
 * Deletes users' own clients that no grant and no server record of the user names any more.
 *
 * <p>A failure is only logged: it does not keep a user from disconnecting, and the deletion of the user deals with all
 * clients that are left.
 */
public final class UserClients {
  private final Deregistration deregistration;
  private final Grants grants;
  private final Servers servers;
  private final Journal journal;

  public UserClients(Deregistration deregistration, Grants grants, Servers servers, Journal journal) {
    this.deregistration = deregistration;
    this.grants = grants;
    this.servers = servers;
    this.journal = journal;
  }

  /** After a grant has ended. */
  void forgetUnusedOf(Grant ended, Deadline deadline) {
    var user = ended.key().user();
    if (ended.client().owner().equals(Owner.of(user))) {
      forgetUnused(user, ended.target().registeredAt(), ended.client().id(), deadline);
    }
  }

  /** After a record was deleted, or changed its terms. */
  void forgetUnusedOf(UserId user, Terms gone, Deadline deadline) {
    forgetUnused(user, gone, (issuer, client) -> forgetUnused(user, issuer, client, deadline));
  }

  /** The same, where the caller must know of a failure: it is thrown. */
  void requireUnusedForgotten(UserId user, Terms gone, Deadline deadline) {
    forgetUnused(user, gone, (issuer, client) -> forget(user, issuer, client, deadline));
  }

  private void forgetUnused(UserId user, Terms gone, BiPredicate<Issuer, ClientId> forgetting) {
    var issuer = gone.registeredAt();
    if (issuer == null || gone.clientId() == null) return;
    // A grant names the issuer as it is published, which may be the other spelling.
    var other = issuer.otherSpelling();
    if (grants.isNamed(user, other, gone.clientId())) return;
    if (!forgetting.test(issuer, gone.clientId())) {
      boolean _ = forgetting.test(other, gone.clientId());
    }
  }

  private boolean forget(UserId user, Issuer issuer, ClientId client, Deadline deadline) {
    return deregistration.forget(user, issuer, client, () -> isUnused(user, issuer, client), deadline);
  }

  private boolean forgetUnused(UserId user, Issuer issuer, ClientId client, Deadline deadline) {
    try {
      return forget(user, issuer, client, deadline);
    } catch (Failure e) {
      return logFailure(issuer, e.detail().isEmpty() ? e.code().wireName() : e.detail());
    } catch (RuntimeException e) {
      return logFailure(issuer, e.getClass().getName());
    }
  }

  private boolean isUnused(UserId user, Issuer issuer, ClientId client) {
    return servers.all(user).stream().noneMatch(server -> server.terms().names(issuer, client))
        && !grants.isNamed(user, issuer, client);
  }

  private boolean logFailure(Issuer issuer, String detail) {
    journal.write("client_not_forgotten", Map.of("issuer", issuer.url().host(), "detail", detail));
    return false;
  }
}
