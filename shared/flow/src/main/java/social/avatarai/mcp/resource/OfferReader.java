package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.EnumMap;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.ListedItems;
import social.avatarai.mcp.record.OfferKind;
import social.avatarai.mcp.resource.McpTransport.Peer;

/**
 * Reads the lists of what a server offers, page by page (MCP 2025-11-25, pagination). Asks for those kinds of things
 * alone that the server declares. The requests share one session. Either all lists are read, or the reading fails.
 */
final class OfferReader {
  private static final int MAX_PAGES = 20;
  private static final int MAX_ITEMS = 1000;
  /** In characters of JSON, in each list. */
  private static final int MAX_LENGTH = 1024 * 1024;

  private final McpClient client;
  private final Peer peer;
  private final HeldAgreements agreements;
  private final Deadline deadline;

  OfferReader(McpClient client, Peer peer, Agreements agreements, Deadline deadline) {
    this.client = client;
    this.peer = peer;
    this.agreements = new HeldAgreements(agreements);
    this.deadline = deadline;
  }

  /**
   * Reads what the server offers.
   *
   * @param description the server's description of itself; null to ask for it
   */
  Offered read(@Nullable JsonNode description) {
    try {
      var described = description == null ? describe() : description;
      var lists = new EnumMap<OfferKind, ListedItems>(OfferKind.class);
      for (var kind : OfferKind.values())
        if (described.path("capabilities").hasNonNull(kind.capability())) lists.put(kind, list(kind));
      return new Offered(described, lists);
    } finally {
      agreements.notStored().ifPresent(session -> client.leave(peer, session, deadline));
    }
  }

  private JsonNode describe() {
    var response = client.describe(peer, agreements, deadline);
    if (response instanceof McpResponse.Result(var result, var protocol)) return ServerDescription.of(result, protocol);
    throw failure(response);
  }

  private ListedItems list(OfferKind kind) {
    var items = new ArrayList<JsonNode>();
    int length = 0;
    String cursor = "";
    for (int page = 0; page < MAX_PAGES; page++) {
      var result = page(kind, cursor);
      for (JsonNode item : result.path(kind.member())) {
        length += JsonText.of(item).length();
        if (items.size() == MAX_ITEMS || length > MAX_LENGTH) return new ListedItems(items, true);
        items.add(item);
      }
      cursor = Json.text(result, "nextCursor").orElse("");
      if (cursor.isEmpty()) return new ListedItems(items, false);
    }
    return new ListedItems(items, true);
  }

  private JsonNode page(OfferKind kind, String cursor) {
    var params = cursor.isEmpty() ? null : Json.newObject().put("cursor", cursor);
    var response = client.request(peer, new McpRequest(kind.method(), params), agreements, deadline);
    return switch (response) {
      case McpResponse.Result(var result, _) -> result;
      // Many servers have resources and no templates, and do not know the method then.
      case McpResponse.RpcError error when error.isUnknownMethod() -> Json.newObject();
      default -> throw failure(response);
    };
  }

  private static Failure failure(McpResponse response) {
    return switch (response) {
      case McpResponse.RpcError(var error, int status) -> new Access.RpcError(error, status).failure();
      case McpResponse.Unauthorized _ -> new Access.Rejected(401).failure();
      case McpResponse.Forbidden _ -> new Access.Rejected(403).failure();
      case McpResponse.Unusable unusable -> McpFailures.of(unusable);
      case McpResponse.Result _ -> throw new IllegalStateException("a result is no failure");
    };
  }
}
