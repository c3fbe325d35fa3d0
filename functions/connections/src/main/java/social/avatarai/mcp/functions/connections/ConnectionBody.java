package social.avatarai.mcp.functions.connections;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.Cursor;
import social.avatarai.mcp.record.ConnectionError;
import social.avatarai.mcp.server.ConnectionView;
import social.avatarai.mcp.server.Connections;
import social.avatarai.mcp.token.Account;
import social.avatarai.mcp.token.AccountChange;
import social.avatarai.mcp.token.Grant.Warning;

/** Connections in a response. Every member is always present, and null when its value is unknown. */
final class ConnectionBody {
  private ConnectionBody() {}

  static ObjectNode of(Connections.Page page) {
    var body = Json.newObject();
    var list = body.putArray("connections");
    page.connections().forEach(view -> list.add(of(view)));
    return body.put("next_cursor", Cursor.of(page.next()));
  }

  static ObjectNode of(ConnectionView view) {
    var body = Json.newObject().put("id", view.id().value()).put("alias", view.alias())
        .put("status", view.status().wireName())
        .put("cause", view.cause()).put("issuer", text(view.issuer())).put("resource", text(view.resource()))
        .put("scope", text(view.scope())).put("expires_at", text(view.expiresAt()))
        .put("last_used_at", text(view.lastUsedAt()));
    var warnings = body.putArray("warnings");
    view.warnings().stream().map(Warning::wireName).sorted().forEach(warnings::add);
    body.set("account", account(view.account()));
    body.set("account_change", change(view.accountChange()));
    return body.set("error", ConnectionError.jsonOf(view.error()));
  }

  private static JsonNode account(@Nullable Account account) {
    return account == null
        ? Json.newObject().nullNode()
        : Json.newObject().put("id", account.id()).put("label", account.label());
  }

  private static JsonNode change(@Nullable AccountChange change) {
    if (change == null) return Json.newObject().nullNode();
    return Json.newObject().put("id", change.id().value()).put("expires_at", text(change.expiresAt()))
        .set("account", account(change.to()));
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }
}
