package social.avatarai.mcp.functions.servers;

import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.Cursor;
import social.avatarai.mcp.lambda.EntityTags;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.server.ServerRegistry;

/** The replies with server records: one record with its {@code ETag}, or a page of them. */
final class RecordReply {
  private RecordReply() {}

  static Reply of(ServerRegistry.Kept server) {
    return Reply.ok(server.document()).with("ETag", EntityTags.of(server.revision()));
  }

  static Reply page(Flow flow, Request request) {
    var page = flow.servers(request.caller(), Cursor.read(request), request.limit());
    var body = Json.newObject();
    body.putArray("servers").addAll(page.servers());
    return Reply.ok(body.put("next_cursor", Cursor.of(page.next())));
  }
}
