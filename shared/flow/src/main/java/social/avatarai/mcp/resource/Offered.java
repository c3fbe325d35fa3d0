package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import social.avatarai.mcp.record.ListedItems;
import social.avatarai.mcp.record.OfferKind;

/**
 * What a server offers, attacker-controlled.
 *
 * @param description the server's description of itself, as a caller gets it
 * @param lists the lists of the kinds that the server declares
 */
public record Offered(JsonNode description, Map<OfferKind, ListedItems> lists) {
  public Offered {
    lists = Map.copyOf(lists);
  }
}
