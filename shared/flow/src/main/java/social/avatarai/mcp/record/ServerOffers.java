package social.avatarai.mcp.record;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.UserId;

/**
 * Stores what servers offer to their users, apart from the records: an offer may be larger than its record, and a
 * record that is stored again must not undo what was found meanwhile. Reads are consistent.
 */
public interface ServerOffers {

  Optional<ServerOffer> find(ConnectionKey key);

  /** The offers of these servers, in no particular order, without their lists and the digests of their tools. */
  List<Listed<ServerOffer>> withoutLists(UserId user, List<ConnectionId> servers);

  /**
   * Stores an offer, if no other one was stored since.
   *
   * @param before the offer that was read before; null if there was none
   * @return whether it is stored
   */
  boolean keep(ConnectionKey key, ServerOffer offer, @Nullable ServerOffer before);

  void delete(ConnectionKey key);

  /** Deletes all offers of a user's servers. */
  void deleteAll(UserId user);
}
