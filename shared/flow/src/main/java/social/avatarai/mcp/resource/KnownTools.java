package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.UserId;

/**
 * Remembers the headers of the tools that a user has listed at a server, within this process. Lists differ from user to
 * user. Lost entries cost one request: a server that misses a header refuses the request before it carries anything
 * out.
 */
final class KnownTools {
  private static final int MAX_LISTS = 100;
  /** Tools with headers in one list. The server chooses their names and paths; {@link ToolHeaders} bounds the paths. */
  static final int MAX_TOOLS = 100;
  static final int MAX_NAME = 256;

  private final Journal journal;
  private final Map<Place, Map<String, ToolHeaders>> lists = new LinkedHashMap<>();

  KnownTools(Journal journal) {
    this.journal = journal;
  }

  /** The list of one user at one server. */
  record Listing(UserId user, EndpointUrl server) {}

  /** The listing, as it is remembered. */
  private record Place(UserId user, String server) {
    static Place of(Listing listing) {
      return new Place(listing.user(), listing.server().memoryKey());
    }
  }

  synchronized ToolHeaders headers(Listing listing, String tool) {
    return lists.getOrDefault(Place.of(listing), Map.of()).getOrDefault(tool, ToolHeaders.none());
  }

  /** Whether the headers of a tool that was listed may not be remembered. */
  synchronized boolean isBeyondLimits(Listing listing, String tool) {
    return tool.length() > MAX_NAME || lists.getOrDefault(Place.of(listing), Map.of()).size() >= MAX_TOOLS;
  }

  /** Remembers a page of a list. Returns the page without the tools whose annotations break a rule. */
  ObjectNode learn(Listing listing, ObjectNode page) {
    if (!page.path("tools").isArray()) return page;
    var usable = page.deepCopy();
    var kept = usable.putArray("tools");
    var learned = new HashMap<String, ToolHeaders>();
    int broken = 0;
    for (JsonNode tool : page.path("tools")) {
      var headers = ToolHeaders.of(tool);
      if (headers.isPresent()) {
        kept.add(tool);
        // A server that names a tool by a token must not have the token kept in memory.
        if (!InvocationSecrets.isIn(JsonText.of(tool))) learned.put(tool.path("name").asText(), headers.get());
      } else {
        broken++;
      }
    }
    if (broken > 0) journal.write("tools_left_out", Map.of("server", listing.server().origin(), "tools", broken));
    remember(listing, learned);
    return usable;
  }

  private synchronized void remember(Listing listing, Map<String, ToolHeaders> learned) {
    var place = Place.of(listing);
    var known = lists.remove(place);
    var all = known == null ? new HashMap<String, ToolHeaders>() : known;
    learned.forEach((tool, headers) -> {
      if (headers.isEmpty()) all.remove(tool);
      else if (tool.length() <= MAX_NAME && (all.containsKey(tool) || all.size() < MAX_TOOLS)) {
        all.put(tool, headers);
      }
    });
    if (all.isEmpty()) return;
    if (lists.size() >= MAX_LISTS) lists.remove(lists.keySet().iterator().next());
    lists.put(place, all);
  }
}
