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
import social.avatarai.mcp.server.ServerImport.Result;
import social.avatarai.mcp.server.ServerImport.Result.Failed;
import social.avatarai.mcp.server.ServerImport.Result.Imported;
import social.avatarai.mcp.server.ServerImport.Result.Skipped;

/** An import of many records, and its response: one small result for each record, in their order. */
final class ImportReply {
  private ImportReply() {}

  static Reply of(Flow flow, Request request) {
    var document = request.jsonBodyOfDocuments();
    boolean atomic = isTrue("atomic", request.optional("atomic").or(() -> text(document, "atomic")));
    // Not in the body, because the document may be one that a user has written and the operator hands on.
    var results = isTrue("builtIn", request.optional("builtIn"))
        ? flow.importWithBuiltIns(request.caller(), document, atomic, request.invocation())
        : flow.importServers(request.caller(), document, atomic, request.invocation());
    return Reply.ok(body(request.caller(), results));
  }

  private static Optional<String> text(ObjectNode document, String name) {
    return document.hasNonNull(name) ? Optional.of(document.path(name).asText()) : Optional.empty();
  }

  private static boolean isTrue(String name, Optional<String> value) {
    return switch (value.orElse("false")) {
      case "true" -> true;
      case "false" -> false;
      default ->
        throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "Parameter " + name + " must be true or false.");
    };
  }

  private static ObjectNode body(Caller caller, List<Result> results) {
    var body = Json.newObject();
    var list = body.putArray("servers");
    for (int i = 0; i < results.size(); i++)
      list.add(result(caller, i, results.get(i)));
    return body.put("imported", count(results, Imported.class)).put("failed", count(results, Failed.class))
        .put("skipped", count(results, Skipped.class));
  }

  private static long count(List<Result> results, Class<? extends Result> kind) {
    return results.stream().filter(kind::isInstance).count();
  }

  private static ObjectNode result(Caller caller, int index, Result result) {
    var json = Json.newObject().put("index", index);
    var record = result.record();
    json.put("mcpId", record.mcpId() == null ? null : record.mcpId().value());
    if (record.user() != null && !record.user().equals(caller.user())) json.put("userId", record.user().value());
    json.put("status", result.status().wireName());
    switch (result) {
      case Imported(_, _, var shown, var tokens) -> show(json, shown, tokens);
      case Failed(_, var failure) -> json.putObject("error").put("error", failure.code().wireName())
          .put("error_description", failure.safeMessage());
      case Skipped(_, var reason) -> json.put("reason", reason);
    }
    return json;
  }

  private static void show(ObjectNode json, ObjectNode shown, LiveGrants.Outcome tokens) {
    json.set("connection", shown.path("status"));
    json.set("cause", shown.path("cause"));
    if (shown.has("warnings")) json.set("warnings", shown.get("warnings"));
    if (tokens != LiveGrants.Outcome.NONE) json.put("credentials", tokens.wireName());
  }
}
