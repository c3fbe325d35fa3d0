package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.node.ObjectNode;
import social.avatarai.mcp.http.Json;

/** The JSON-RPC requests that a server sends to the client while a request of the client is under way. Pure. */
final class ServerQuestion {
  /** Each reply is a request with the user's token: a server gets at most this many for one request of the user. */
  static final int MAX_QUESTIONS = 50;
  private static final int METHOD_NOT_FOUND = -32601;

  private ServerQuestion() {}

  static boolean isQuestion(ObjectNode message) {
    return message.has("method") && message.has("id");
  }

  /** A ping is answered, and so is a question of a kind that was declared. Every other question is refused. */
  static ObjectNode reply(ObjectNode question, Elicitation elicitation) {
    var reply = Json.newObject();
    reply.put("jsonrpc", "2.0");
    reply.set("id", question.get("id"));
    String method = question.path("method").asText();
    if (method.equals("ping")) reply.putObject("result");
    else if (method.equals(Elicitation.METHOD) && elicitation == Elicitation.DEFAULTS) {
      reply.set("result", Elicitation.byDefault(question.path("params")));
    } else {
      reply.putObject("error").put("code", METHOD_NOT_FOUND).put("message", "Method not found");
    }
    return reply;
  }
}
