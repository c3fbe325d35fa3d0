package social.avatarai.mcp.authorization;

import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.record.ConnectionNotes;
import social.avatarai.mcp.token.AccountChanges;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.Replaceable;

/** Takes the user's decision about a consent that came back as another account, see {@link AccountChanges}. */
public final class AccountDecisions {
  private final AccountChanges changes;
  private final GrantKeeper keeper;
  private final ConnectionNotes notes;

  public AccountDecisions(AccountChanges changes, GrantKeeper keeper, ConnectionNotes notes) {
    this.changes = changes;
    this.keeper = keeper;
    this.notes = notes;
  }

  /**
   * Puts the grant that waits in the place of the one that the connection has. Fails with {@code unknown_state} if it does
   * not wait any more, with {@code server_changed} if its server is no longer the server of the consent. Then its tokens
   * are dropped.
   */
  public Grant keepNew(ConnectionKey connection, GrantId change, Deadline deadline) {
    var waiting = changes.find(connection, change);
    var kept = keeper.keep(waiting.grant(), new Replaceable.DecidedAccount(), deadline);
    changes.confirmed(waiting);
    return kept;
  }

  /**
   * Drops the grant that waits; {@code unknown_state} if it does not wait any more. The connection keeps its own
   * grant.
   */
  public void keepOld(ConnectionKey connection, GrantId change, Deadline deadline) {
    changes.decline(changes.find(connection, change), deadline);
    notes.accountKept(connection);
  }
}
