package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * The list of one kind of things that a server offers.
 *
 * @param items the things, attacker-controlled
 * @param truncated whether the server has more of them than were read
 */
public record ListedItems(List<JsonNode> items, boolean truncated) {
  static final ListedItems NONE = new ListedItems(List.of(), false);

  public ListedItems {
    items = List.copyOf(items);
  }
}
