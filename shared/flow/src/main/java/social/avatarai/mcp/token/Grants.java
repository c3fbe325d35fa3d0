package social.avatarai.mcp.token;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.UserId;

/** The store of grants. Reads are consistent. Tokens and the MCP session are sealed at rest, bound to row and grant. */
public interface Grants {

  Optional<Grant> read(ConnectionKey key);

  /**
   * The grants of the user that cover a URL ({@link Grant#covers}). This is one query of the index by resource. If the
   * query finds grants, one read of these grants follows.
   */
  Covering covering(UserId user, EndpointUrl url);

  /**
   * The grants that cover a URL, in no particular order.
   *
   * @param grants the grants
   * @param unopened grants that cannot be opened, and seem to cover the URL by their unencrypted attributes
   */
  record Covering(List<Grant> grants, List<Unopened> unopened) {}

  /**
   * A grant that cannot be opened.
   *
   * @param connection its connection
   * @param nearness its nearness by its unencrypted attributes ({@link GrantTarget#nearness})
   * @param fault why it cannot be opened
   */
  record Unopened(ConnectionId connection, long nearness, Failure.Misconfigured fault) {}

  /** The grant of the user with this current or previous refresh token: one query of the partition. */
  Optional<ByRefreshToken> findByRefreshToken(UserId user, RefreshToken token);

  /**
   * Whether this grant is known to have used up the refresh token: it is the one that the grant began with, or the one
   * before the current one. This is one read.
   */
  boolean isSpent(Grant grant, RefreshToken token);

  /** A grant that was found by its current refresh token, or by its previous refresh token. */
  record ByRefreshToken(Grant grant, boolean current) {}

  /** The connections of the user that have a grant, readable or not: one query of the partition. */
  List<ConnectionId> connections(UserId user);

  /** How many grants the user has, readable or not: one query of the index by resource. */
  int count(UserId user);

  /**
   * Whether the user has a grant, in use or waiting, or a token that is kept to be revoked, of this client: one query of
   * the partition. The user owns the client.
   *
   * @param registeredAt under which issuer the client is kept, see {@link GrantTarget#registeredAt}
   */
  boolean isNamed(UserId user, Issuer registeredAt, ClientId clientId);

  /** The consent that the grant of a connection comes from. The grant is not opened. */
  Optional<GrantOrigin> origin(ConnectionKey key);

  /**
   * Stores the grant of a new consent in one write, if it may replace the grant that the connection has.
   *
   * <p>A second try recognises the first one by the grant's id, and never overwrites a newer version of the grant.
   *
   * <p>If both grants are of one issuer and are known to be of different accounts, nothing is replaced, unless the user
   * has decided so.
   *
   * <p>Fails with {@code server_conflict} if the connection of a resource alone has a grant of the same issuer for the
   * server at another URL.
   */
  StoreResult store(Grant grant, Replaceable replaceable);

  /**
   * Stores the grant of a new consent in one write. It replaces exactly this version of the earlier grant, and takes
   * over its refresh token. The write is refused if the row has changed since.
   */
  StoreResult storeInPlaceOf(Grant before, Grant grant);

  /** Stores a grant in place of any grant that the connection has. */
  default StoreResult store(Grant grant) {
    return store(grant, new Replaceable.AnyIssuer());
  }

  /** The result of storing the grant of a consent. */
  sealed interface StoreResult {
    /**
     * The grant is stored.
     *
     * @param replaced the grant that it has replaced, as it was at that moment; empty if there was none, if it cannot
     *        be opened, or if it is unknown because the response to the write got lost
     * @param waited the grant of another account that waited beside the replaced one; empty also if it is unknown
     */
    record Kept(Optional<Grant> replaced, Optional<Waited> waited) implements StoreResult {
      /** Nothing waited. */
      public Kept(Optional<Grant> replaced) {
        this(replaced, Optional.empty());
      }
    }

    /**
     * The grant is not stored: the connection has a grant of another issuer that may not be replaced, or the grant that
     * the user has decided for does not wait any more.
     */
    record Refused() implements StoreResult {}

    /**
     * The grant is not stored: it is known to be of another account than the grant that the connection has.
     *
     * @param held the grant that the connection has
     */
    record OtherAccount(Grant held) implements StoreResult {}
  }

  /**
   * The fenced commit: writes the grant's next version, if the row still has the same grant at the version before.
   *
   * @param next a grant whose version is one more than the row's
   * @param mark the same mark for every try of this commit, so that a second try recognises a first try whose response
   *        got lost
   * @return not done if the row has changed since
   */
  GrantWriteResult commit(Grant next, WriteMark mark);

  /** A commit with a single try. */
  default boolean commit(Grant next) {
    return commit(next, WriteMark.fresh()).done();
  }

  /**
   * The result of a write to the row of a grant.
   *
   * @param done whether the row is written
   * @param waited the grant of another account that the row has named as waiting; empty also if it is unknown
   */
  record GrantWriteResult(boolean done, Optional<Waited> waited) {
    public static final GrantWriteResult NOT_DONE = new GrantWriteResult(false, Optional.empty());
  }

  /** A grant of another account that waits beside the one of a connection, see {@link AccountChange}. */
  record Waited(GrantId id, Instant expiresAt) {}

  /**
   * Writes a new state of a grant, if the row still has the grant as it was read: at the same version, and with the same
   * status, failures, refusals and wait. So nothing that another attempt has noted since is overwritten. Never changes
   * the version, the last use, and what the resource server says of the tokens.
   *
   * @param read the grant as it was read
   * @param next the new state
   * @param mark the same mark for every try of this write, so that a second try recognises a first try whose response
   *        got lost
   * @return false if the row has changed since
   */
  boolean noteState(Grant read, GrantState next, WriteMark mark);

  /** A note with a single try. */
  default boolean noteState(Grant read, GrantState next) {
    return noteState(read, next, WriteMark.fresh());
  }

  /**
   * Notes since when the resource server refuses the tokens of this version of a grant, if that is not noted yet. No
   * other write changes this note, except that of a new consent.
   *
   * @return whether this call has noted it
   */
  boolean noteRejected(Grant grant, Instant since);

  /**
   * Deletes the note that the resource server refuses the tokens of this version of a grant, if there is one.
   *
   * @return whether this call has deleted it
   */
  boolean noteAccepted(Grant grant);

  /** Notes whether the server of a grant is switched on, if there is a grant. Never changes the version. */
  void noteEnabled(ConnectionKey key, boolean enabled);

  /**
   * Notes how the grant's server is asked from now on, if the row still has this grant: at which URL, and whether over
   * HTTP+SSE ({@link Grant#isAskedAs}). Never changes the version. The protocol that was negotiated before is deleted.
   *
   * @param grant the grant, {@link Grant#servedAt served at} the new URL. No secret is sealed again
   */
  void noteServer(Grant grant);

  /**
   * Deletes a grant, if the row still has it at this version.
   *
   * @return not done if the grant is gone, belongs to another consent, or was renewed in the meantime
   */
  GrantWriteResult remove(Grant grant);

  /** The same, where nothing can wait beside the grant. */
  default boolean delete(Grant grant) {
    return remove(grant).done();
  }

  /**
   * Deletes the grant of a connection if it cannot be opened.
   *
   * @return false if the connection has a grant that can be opened, for example from a new consent
   */
  boolean eraseUnopened(ConnectionKey key);

  /**
   * Notes that the grant of another account waits, if the row still has this grant. Never changes the version. Only the
   * grant of a later consent, or {@link #endAccountChange}, deletes the note.
   *
   * @return not done if the connection has another grant by now; else with the grant that waited before this one
   */
  GrantWriteResult noteAccountChange(Grant held, AccountChange change);

  /**
   * Deletes the note that this grant of another account waits. From then on it cannot be stored.
   *
   * @return false if there is no such note, for example because the user has decided meanwhile
   */
  boolean endAccountChange(ConnectionKey key, GrantId waiting);

  /** Notes that the grant was used, if the row still has this grant. Never changes the version. */
  void noteUse(Grant grant, Instant at);

  /**
   * Stores the protocol that was negotiated with the MCP server, if the row still has this grant at this server URL.
   * Never changes the version. A session that another call has kept meanwhile stays.
   *
   * @param grant the grant with what was kept when the call began
   * @return whether it is stored. If not, the call must end its session
   */
  boolean keepProtocol(Grant grant, NegotiatedProtocol protocol);

  /**
   * Deletes the protocol that was negotiated with the MCP server, if the row still has this grant, and the same protocol
   * as this copy. What another call has negotiated since then stays. Never changes the version.
   */
  void forgetProtocol(Grant grant);
}
