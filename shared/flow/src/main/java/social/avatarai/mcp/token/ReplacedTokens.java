package social.avatarai.mcp.token;

import java.util.List;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.UserId;

/** The tokens of grants that are gone, until they are revoked. They are sealed at rest, each bound to its row. */
public interface ReplacedTokens {

  /** Keeps a token. Of several versions of one grant, the latest is kept. */
  void keep(ReplacedToken token);

  /**
   * Those of a connection, the one that was replaced first in front. One that cannot be opened has no token; one that cannot
   * even be read is left out.
   */
  List<ReplacedToken> of(ConnectionKey connection);

  /**
   * Everything that a user has of an issuer and client: one query of the partition. A grant counts even if it cannot be
   * opened.
   */
  OfClient ofClient(UserId user, Issuer issuer, ClientId client);

  /**
   * What a user has of one issuer and client.
   *
   * @param hasGrant whether the user has such a grant, on any connection
   * @param tokens the kept tokens of all connections, in the order of {@link #of}
   */
  record OfClient(boolean hasGrant, List<ReplacedToken> tokens) {
    public OfClient {
      tokens = List.copyOf(tokens);
    }
  }

  /** The connections of the user that have kept tokens, each once. */
  List<ConnectionId> connections(UserId user);

  /** Forgets the rows of a connection that cannot be read, and returns how many there were. */
  int forgetUnreadable(ConnectionKey connection);

  /** Forgets one, unless a later version of it is kept by now. */
  void forget(ReplacedToken token);
}
