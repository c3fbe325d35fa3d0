package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Locale;
import social.avatarai.mcp.http.Json;

/**
 * A change of a server's tools that was found when the tools were listed again under the same consent.
 *
 * @param at when the change was found
 * @param kind what has changed
 * @param name the tool's name, attacker-controlled; a long name is shortened
 */
public record ToolChange(Instant at, Kind kind, String name) {

  public enum Kind {
    ADDED, REMOVED,
    /** The tool has another description or schema. */
    CHANGED;

    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The change as its user sees it. The time is in seconds, like the other times of a record. */
  ObjectNode json() {
    return Json.newObject().put("at", at.getEpochSecond()).put("kind", kind.wireName()).put("name", name);
  }
}
