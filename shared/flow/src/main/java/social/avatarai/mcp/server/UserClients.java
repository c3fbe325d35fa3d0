package social.avatarai.mcp.server;

import java.util.Map;
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
 * Forgets users' own clients that neither a grant nor a server record of theirs names any more.
 *
 * <p>A failure is noted and no more: whoever disconnects is disconnected all the same, and forgetting the user goes over
 * all that is left.
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
      forgetUnused(user, ended.target().issuer(), ended.client().id(), deadline);
    }
  }

  /** After a record has gone, or has been given other terms. */
  void forgetUnusedOf(UserId user, Terms gone, Deadline deadline) {
    if (gone.issuer() != null && gone.clientId() != null) forgetUnused(user, gone.issuer(), gone.clientId(), deadline);
  }

  private void forgetUnused(UserId user, Issuer issuer, ClientId client, Deadline deadline) {
    try {
      deregistration.forget(user, issuer, client, () -> isUnused(user, issuer, client), deadline);
    } catch (Failure e) {
      not(issuer, e.detail().isEmpty() ? e.code().wire() : e.detail());
    } catch (RuntimeException e) {
      not(issuer, e.getClass().getName());
    }
  }

  private boolean isUnused(UserId user, Issuer issuer, ClientId client) {
    return servers.all(user).stream().noneMatch(server -> server.terms().names(issuer, client))
        && !grants.isNamed(user, issuer, client);
  }

  private void not(Issuer issuer, String detail) {
    journal.write("client_not_forgotten", Map.of("issuer", issuer.url().host(), "detail", detail));
  }
}
