package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.resource.McpTransport.Sending;

/** One request to a program: reads lines until the response, and replies to the questions that come before it. */
final class StdioExchange {
  /** Programs in the field greet on standard output, although they must write nothing but messages there. */
  static final int MAX_STRAY_LINES = 50;

  private final StdioProgram program;
  private final Sending sending;
  private final Deadline deadline;
  private final long id = McpRequest.freshId();
  private int strayLines;
  private int questions;

  StdioExchange(StdioProgram program, Sending sending, Deadline deadline) {
    this.program = program;
    this.sending = sending;
    this.deadline = deadline;
  }

  McpResponse run() {
    program.write(JsonText.of(sending.request().message(id)));
    while (true) {
      var response = switch (program.read(deadline.remaining())) {
        case StdioProgram.Output.Line(var text) -> read(text);
        case StdioProgram.Output.Silence() -> throw givenUp();
        case StdioProgram.Output.Ended(var why) -> throw ProgramFailures.ended(sending.request(), why, strayLines > 0);
      };
      if (response.isPresent()) return response.get();
    }
  }

  /** The response, if the line has it. */
  private Optional<McpResponse> read(String line) {
    if (line.isBlank()) return Optional.empty();
    var messages = JsonRpcMessages.ofEvent(line);
    if (messages.fault() != null) throw messages.fault();
    if (messages.all().isEmpty() && strayLines++ == MAX_STRAY_LINES)
      throw ProgramFailures.strayLines(sending.request());
    messages.all().stream().filter(ServerQuestion::isQuestion).forEach(this::replyTo);
    return messages.response(id).or(messages::errorWithoutId).map(this::response);
  }

  /** In the modern era a program must not ask on its output, and gets no reply there. */
  private void replyTo(ObjectNode question) {
    if (!sending.isDialogue() && sending.protocol() != null) return;
    if (questions++ == ServerQuestion.MAX_QUESTIONS) throw McpFailures.tooManyQuestions();
    program.write(JsonText.of(ServerQuestion.reply(question, sending.request().elicitation())));
  }

  private McpResponse response(ObjectNode message) {
    if (!message.hasNonNull("error") && !message.has("result")) {
      throw ProgramFailures.withoutResult(sending.request());
    }
    var protocol = sending.protocol();
    return McpResponse.of(message, McpResponse.Unusable.NO_STATUS,
        result -> protocol != null ? protocol : new NegotiatedProtocol(result.path("protocolVersion").asText(), null));
  }

  /** Tells the program that its response is no longer waited for (MCP 2026-07-28, basic/transports, stdio). */
  private RuntimeException givenUp() {
    if (sending.protocol() != null) program.write(JsonText.of(McpRequest.cancelled(id)));
    return ProgramFailures.silent(sending.request(), strayLines > 0);
  }
}
