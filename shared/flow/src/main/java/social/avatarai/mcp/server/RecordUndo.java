package social.avatarai.mcp.server;

import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.authorization.ImportedGrants;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.ServerRecord;
import social.avatarai.mcp.record.UnboundSecrets;
import social.avatarai.mcp.registration.PreregisteredClients;
import social.avatarai.mcp.registration.PreregisteredClients.Keeping;
import social.avatarai.mcp.server.ServerRegistry.RecordWrite;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.HeldGrant;

/**
 * Takes back records that were just stored, for an import that stores all or nothing. Whatever the write of a record
 * would destroy for good is refused before anything is written: a grant, a client, or the secret of a client.
 */
public final class RecordUndo {
  /** How often the grant that is deleted may change meanwhile. */
  private static final int MAX_TRIES = 3;

  private final ServerRegistry registry;
  private final RecordGrants recordGrants;
  private final Grants grants;
  private final ImportedGrants importedGrants;
  private final PreregisteredClients clients;
  private final UserClients userClients;
  private final Journal journal;

  public RecordUndo(ServerRegistry registry, RecordGrants recordGrants, Grants grants, ImportedGrants importedGrants,
      PreregisteredClients clients, UserClients userClients, Journal journal) {
    this.registry = registry;
    this.recordGrants = recordGrants;
    this.grants = grants;
    this.importedGrants = importedGrants;
    this.clients = clients;
    this.userClients = userClients;
    this.journal = journal;
  }

  /**
   * Fails if a record could not be stored now, as far as this can be known without writing, or if its write could not be
   * taken back.
   *
   * @return what the write must find, for this to stay true
   */
  Precondition requireReversible(ConnectionKey key, ServerRecord record) {
    var former = registry.former(key, Precondition.none());
    if (former.expected() instanceof Precondition.None)
      throw irreversible("replace a record that cannot be decrypted");
    var before = former.server();
    var url = record.urlAfter(before);
    var secrets = UnboundSecrets.of(record, before, url);
    var terms = RecordClients.terms(record, secrets, Optional.empty());
    var described = new McpServer(key, url, record.enabled(), terms, Status.DISCONNECTED, Json.newObject(), null)
        .with(record.entered().after(before, url));
    requireClientStays(described, before);
    requireSecretStays(key, record, secrets);
    requireOfferStays(record, before);
    requireGrantStays(described, before, record, secrets);
    return former.expected();
  }

  private static void requireClientStays(McpServer described, Optional<McpServer> before) {
    boolean other = before.map(McpServer::terms)
        .filter(old -> old.namesClient() && !old.isSameClient(described.terms())).isPresent();
    if (other) throw irreversible("end the use of the record's former client");
  }

  private void requireSecretStays(ConnectionKey key, ServerRecord record, UnboundSecrets secrets) {
    var client = record.client();
    if (client.id() == null || client.issuer() == null) return;
    var given = RecordClients.given(client, client.issuer(), client.id(), secrets.clientSecret());
    if (clients.changesSecret(key.user(), given)) throw irreversible("replace the secret of a known client");
  }

  private static void requireOfferStays(ServerRecord record, Optional<McpServer> before) {
    boolean shows = record.document().path("syncResources").booleanValue();
    if (!shows && before.filter(McpServer::showsOffer).isPresent())
      throw irreversible("forget what the server offers");
  }

  private void requireGrantStays(McpServer described, Optional<McpServer> before, ServerRecord record,
      UnboundSecrets secrets) {
    var held = recordGrants.find(described.key());
    if (held.isEmpty()) return;
    if (!registry.keeps(described, before, held.get())) throw irreversible("end the connection's grant");
    var live = secrets.credentials();
    boolean replaced = live != null
        && held.get().opened().filter(grant -> !importedGrants.replace(live, record.credentials() != null, grant))
            .isEmpty();
    if (replaced) throw irreversible("replace the connection's grant");
  }

  private static Failure irreversible(String what) {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "This record would " + what + ", which cannot be taken "
        + "back. Import it without atomic.");
  }

  /**
   * Takes back a record. Its grant follows the former record again. A grant that was made of imported tokens is deleted,
   * and nothing is revoked, because the tokens still belong to the user.
   *
   * <p>{@code changed_meanwhile} if the record was changed since: then nothing is taken back.
   *
   * @param made the grant that was made of its tokens; empty if none is known
   * @return whether its grant and its client are as before too
   */
  boolean undo(RecordWrite write, Optional<Grant> made, Deadline deadline) {
    var key = write.server().key();
    if (!registry.takeBack(key, write.before(), write.revision()))
      throw Precondition.is(write.revision()).failure();
    boolean grantGone = succeeds(key, () -> made.or(() -> madeBy(write)).ifPresent(this::delete));
    boolean followed = succeeds(key, () -> write.before().ifPresent(before -> recordGrants.takeUp(before, deadline)));
    boolean clientAsBefore = succeeds(key,
        () -> write.client().ifPresent(client -> undoClient(write, client, deadline)));
    return grantGone && followed && clientAsBefore;
  }

  /** A grant of the record's tokens that was not there before: the store may have failed just after it was written. */
  private Optional<Grant> madeBy(RecordWrite write) {
    var secrets = write.server().unbound();
    var live = secrets == null ? null : secrets.credentials();
    if (live == null) return Optional.empty();
    var before = write.grant().flatMap(HeldGrant::opened).map(Grant::id);
    return grants.read(write.server().key()).filter(grant -> !before.equals(Optional.of(grant.id())))
        .filter(grant -> grant.tokens().accessToken().equals(live.accessToken()));
  }

  /** A call may have renewed the grant since it was made. */
  private void delete(Grant made) {
    for (int i = 0; i < MAX_TRIES; i++) {
      var now = grants.read(made.key()).filter(grant -> grant.id().equals(made.id()));
      if (now.isEmpty() || grants.delete(now.get())) return;
    }
    throw new Failure.BadRequest(ErrorCode.SERVER_CHANGED,
        "The grant was renewed while it was to be deleted: disconnect the server.");
  }

  private void undoClient(RecordWrite write, Keeping client, Deadline deadline) {
    if (client.known().isPresent()) clients.restore(client);
    else
      userClients.requireUnusedForgotten(write.server().key().user(), write.server().terms(), deadline);
  }

  private boolean succeeds(ConnectionKey key, Runnable step) {
    try {
      step.run();
      return true;
    } catch (RuntimeException e) {
      var failure = Failure.of(e);
      journal.write("record_not_imported", Map.of("connection", key.connection(), "error", failure.code().wireName(),
          "detail", failure.detail()));
      return false;
    }
  }
}
