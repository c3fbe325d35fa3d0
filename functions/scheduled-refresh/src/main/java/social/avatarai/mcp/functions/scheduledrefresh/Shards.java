package social.avatarai.mcp.functions.scheduledrefresh;

import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.token.DueGrants;

/**
 * The shards that one worker handles.
 *
 * @param first the first shard, from 0
 * @param last the last shard, included
 */
record Shards(int first, int last) {

  static Shards parse(String range) {
    if (range.matches("\\d{1,2}-\\d{1,2}")) {
      int dash = range.indexOf('-');
      var shards = new Shards(Integer.parseInt(range.substring(0, dash)), Integer.parseInt(range.substring(dash + 1)));
      if (shards.first <= shards.last && shards.last < DueGrants.SHARDS) return shards;
    }
    throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST,
        "The event must name a range of shards, such as 0-" + (DueGrants.SHARDS - 1) + ".");
  }
}
