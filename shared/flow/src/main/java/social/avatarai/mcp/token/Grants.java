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

/** Grants. Reads are consistent; tokens and the MCP session are sealed at rest, bound to their row and grant. */
public interface Grants {

  Optional<Grant> read(ConnectionKey key);

  /**
   * The grants of the user that cover a URL ({@link Grant#covers}): one query of the index by resource and, where it finds
   * any, one read of them.
   */
  Covering covering(UserId user, EndpointUrl url);

  /**
   * The grants that cover a URL, in no order.
   *
   * @param grants the grants
   * @param unopened those that cannot be opened and seem to cover it, by what of them is in the clear
   */
  record Covering(List<Grant> grants, List<Unopened> unopened) {}

  /**
   * A grant that cannot be opened.
   *
   * @param connection its connection
   * @param nearness its nearness by what is in the clear ({@link GrantTarget#nearness})
   * @param fault why it cannot be opened
   */
  record Unopened(ConnectionId connection, long nearness, Failure.Misconfigured fault) {}

  /** The grant of the user that has, or until its last renewal had, this refresh token: one query of the partition. */
  Optional<ByRefreshToken> findByRefreshToken(UserId user, RefreshToken token);

  /** A grant found by its current refresh token, or by the one before it. */
  record ByRefreshToken(Grant grant, boolean current) {}

  /** The connections of the user that have a grant, readable or not: one query of the partition. */
  List<ConnectionId> connections(UserId user);

  /**
   * Whether a grant of the user's, or a token that is kept to be revoked, is of this client of the user's own: one query of
   * the partition.
   */
  boolean isNamed(UserId user, Issuer issuer, ClientId clientId);

  /** Which consent the grant of a connection is from; nothing is opened. */
  Optional<GrantOrigin> origin(ConnectionKey key);

  /**
   * Keeps the grant of a new consent, where it may take the place of what the connection has: in one write.
   *
   * <p>A second try recognises the first one by the grant's id. It never sets back what has been renewed since.
   *
   * <p>{@code server_conflict} where the connection of a resource alone has a grant of the same issuer, but for the server
   * at another URL.
   */
  StoreResult store(Grant grant, Replaceable replaceable);

  /**
   * Keeps the grant of a new consent in place of exactly this version of the grant before, whose refresh token it continues:
   * in one write. It is refused when the row has moved on.
   */
  StoreResult storeInPlaceOf(Grant before, Grant grant);

  /** Keeps a grant in place of whatever the connection has. */
  default StoreResult store(Grant grant) {
    return store(grant, new Replaceable.AnyIssuer());
  }

  /** What became of storing the grant of a consent. */
  sealed interface StoreResult {
    /**
     * It is kept.
     *
     * @param replaced the grant whose place it has taken, as it was at that moment; empty where there was none, where
     *        that one cannot be opened, and where it is unknown because the response to the write got lost
     */
    record Kept(Optional<Grant> replaced) implements StoreResult {}

    /** It is not kept: the connection has a grant of another issuer that may not be replaced. */
    record Refused() implements StoreResult {}
  }

  /**
   * The fenced commit: writes the grant's next version, if the row still is the same grant at the version before.
   *
   * @param next a grant whose version is one more than the row's
   * @param mark the same for every try of this commit: a second one recognises the first, whose response got lost
   * @return false when the row has moved on
   */
  boolean commit(Grant next, WriteMark mark);

  /** A commit that is tried once. */
  default boolean commit(Grant next) {
    return commit(next, WriteMark.fresh());
  }

  /** Writes how the grant is doing, if the row still is the same grant at the same version; never touches the version. */
  boolean noteState(Grant grant);

  /** Notes whether the server of a grant is switched on, if there is a grant; never touches the version. */
  void noteEnabled(ConnectionKey key, boolean enabled);

  /**
   * Notes the URL at which the grant's server is asked from now on, if it is still this grant; never touches the version.
   * What was agreed at the URL before is forgotten.
   *
   * @param grant the grant, {@link Grant#servedAt served at} the new URL: nothing is sealed again for it
   */
  void noteServerUrl(Grant grant);

  /**
   * Forgets a grant, if the row still is this one at this version.
   *
   * @return false when it is not: gone, of another consent, or renewed meanwhile
   */
  boolean delete(Grant grant);

  /**
   * Forgets the grant of a connection if it cannot be opened.
   *
   * @return false where the connection has a grant that can be opened: a consent may have just brought it
   */
  boolean eraseUnopened(ConnectionKey key);

  /** Notes that the grant was used, if it is still this one; never touches the version. */
  void noteUse(Grant grant, Instant at);

  /** Keeps what was agreed with the MCP server, if the grant is still this one at this server URL; never touches the version. */
  void keepProtocol(Grant grant, NegotiatedProtocol protocol);
}
