package social.avatarai.mcp.store;

import java.util.List;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.token.GrantKey;
import social.avatarai.mcp.token.ReplacedToken;

/** The refresh tokens of replaced grants, which wait to be revoked. They are sealed at rest, each bound to its row. */
public interface ReplacedTokens {

  /** Keeps one; of several versions of one grant the latest is kept. */
  void keep(ReplacedToken token);

  /** Those of a connection, the one that was replaced first in front. One that cannot be opened has no refresh token. */
  List<ReplacedToken> of(GrantKey connection);

  /** The connections of the user that have any, each once. */
  List<ConnectionId> connections(UserId user);

  /** Forgets one, unless a later version of it is kept by now. */
  void forget(ReplacedToken token);
}
