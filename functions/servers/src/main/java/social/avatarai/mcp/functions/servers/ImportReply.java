package social.avatarai.mcp.functions.servers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.server.LiveGrants;
import social.avatarai.mcp.server.ServerImport;

/** An import of many records, and its response: one small result for each record, in their order. */
final class ImportReply {
  private ImportReply() {}

  static Reply of(Flow flow, Request request) {
    var document = request.jsonBodyOfDocuments();
    var results = flow.importServers(request.caller(), document, isAtomic(request, document), request.invocation());
    return Reply.ok(body(request.caller(), results));
  }

  /** {@code atomic}, in the query or in the body. */
  private static boolean isAtomic(Request request, ObjectNode body) {
    var value = request.optional("atomic").or(() -> body.hasNonNull("atomic")
        ? Optional.of(body.path("atomic").asText())
        : Optional.empty()).orElse("false");
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default ->
        throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "Parameter atomic must be true or false.");
    };
  }

  private static ObjectNode body(Caller caller, List<ServerImport.Result> results) {
    var body = Json.newObject();
    var list = body.putArray("servers");
    for (int i = 0; i < results.size(); i++)
      list.add(result(caller, i, results.get(i)));
    return body.put("imported", results.stream().filter(result -> result.status().isImported()).count())
        .put("failed", results.stream().filter(result -> result.status() == ServerImport.Status.FAILED).count())
        .put("skipped", results.stream().filter(result -> result.status() == ServerImport.Status.SKIPPED).count());
  }

  private static ObjectNode result(Caller caller, int index, ServerImport.Result result) {
    var json = Json.newObject().put("index", index);
    var record = result.record();
    json.put("mcpId", record.mcpId() == null ? null : record.mcpId().value());
    if (record.user() != null && !record.user().equals(caller.user())) json.put("userId", record.user().value());
    json.put("status", result.status().wireName());
    var shown = result.shown();
    if (shown != null) {
      json.set("connection", shown.path("status"));
      json.set("cause", shown.path("cause"));
      if (shown.has("warnings")) json.set("warnings", shown.get("warnings"));
    }
    if (result.tokens() != LiveGrants.Outcome.NONE) json.put("credentials", result.tokens().wireName());
    var failure = result.failure();
    if (failure != null) {
      json.putObject("error").put("error", failure.code().wireName()).put("error_description", failure.safeMessage());
    }
    if (!result.reason().isEmpty()) json.put("reason", result.reason());
    return json;
  }
}
