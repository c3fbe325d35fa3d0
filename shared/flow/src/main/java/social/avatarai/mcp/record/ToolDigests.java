package social.avatarai.mcp.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.record.ToolChange.Kind;

/**
 * A digest of each tool of a server, of everything that a model reads of the tool. A server may change a tool after the
 * user has consented; another digest shows that.
 *
 * @param byName the digest of each tool, by the tool's name
 * @param partial whether the server has more tools than these
 */
public record ToolDigests(Map<String, String> byName, boolean partial) {
  /** In characters. A longer name is shortened, and ends with its digest. */
  private static final int MAX_NAME = 100;
  private static final int START = 50;
  /** What a model reads of a tool, and what decides how an app treats the tool. */
  private static final List<String> MEMBERS = List.of("title", "description", "inputSchema", "outputSchema",
      "annotations");

  public ToolDigests {
    byName = Map.copyOf(byName);
  }

  static ToolDigests of(ListedItems tools) {
    var digests = new TreeMap<String, String>();
    for (JsonNode tool : tools.items()) {
      // Two tools of one name count as one, and a change of either is a change.
      digests.merge(shortened(tool.path("name").asText()), digest(tool),
          (one, other) -> Digest.sha256Base64Url(one + other));
    }
    return new ToolDigests(digests, tools.truncated());
  }

  /** What has changed in a later list. A tool that is beyond the end of a partial list is not known to be missing. */
  List<ToolChange> changesTo(ToolDigests later, Instant at) {
    var changes = new ArrayList<ToolChange>();
    new TreeMap<>(later.byName).forEach((name, digest) -> {
      String before = byName.get(name);
      if (before == null && !partial) changes.add(new ToolChange(at, Kind.ADDED, name));
      if (before != null && !before.equals(digest)) changes.add(new ToolChange(at, Kind.CHANGED, name));
    });
    if (later.partial) return changes;
    new TreeMap<>(byName).keySet().stream().filter(name -> !later.byName.containsKey(name))
        .forEach(name -> changes.add(new ToolChange(at, Kind.REMOVED, name)));
    return changes;
  }

  private static String shortened(String name) {
    String shown = name.length() <= MAX_NAME
        ? name
        : name.substring(0, START) + "…" + Digest.sha256Base64Url(name);
    // Half of a surrogate pair is stored as another character, and must be the same tool when it is read.
    return new String(shown.getBytes(UTF_8), UTF_8);
  }

  private static String digest(JsonNode tool) {
    var text = new StringBuilder();
    for (String member : MEMBERS)
      write(tool.path(member), text.append(member).append(':'));
    return Digest.sha256Base64Url(text.toString());
  }

  /** Writes a value in one form, whatever the order of its members: servers exist that change the order each time. */
  private static void write(JsonNode value, StringBuilder text) {
    if (value.isObject()) {
      var members = new TreeMap<String, JsonNode>();
      value.properties().forEach(member -> members.put(member.getKey(), member.getValue()));
      text.append('{');
      members.forEach((name, member) -> write(member, text.append(name.length()).append(name).append(':')));
      text.append('}');
    } else if (value.isArray()) {
      text.append('[');
      value.forEach(element -> write(element, text));
      text.append(']');
    } else {
      text.append(value).append(',');
    }
  }
}
