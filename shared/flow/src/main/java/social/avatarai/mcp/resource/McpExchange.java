package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Redirect;
import social.avatarai.mcp.http.ResponseHead;
import social.avatarai.mcp.resource.McpTransport.Peer;
import social.avatarai.mcp.resource.McpTransport.Sending;

/**
 * One request under way: reads until the response, and replies to the questions that the server asks before it.
 *
 * <p>A stream that ends before the response is resumed where the server has given its events ids (MCP 2025-11-25,
 * basic/transports, resumability). Resuming asks for the response once more; it does not send the request again.
 */
final class McpExchange {
  private static final Duration BEFORE_RESUMING = Duration.ofSeconds(1);
  private static final Duration MIN_BEFORE_RESUMING = Duration.ofMillis(100);
  static final int MAX_RESUMPTIONS = 20;

  private final McpTransport transport;
  private final Clock clock;
  private final Pause pause;
  private final Peer peer;
  private final Sending sending;
  private final @Nullable NegotiatedProtocol protocol;
  private final Deadline deadline;
  private final long id = McpRequest.freshId();
  private final EventStream.Place place = new EventStream.Place();
  private int questions;
  /** The first error of the streams that names no request. */
  private @Nullable ObjectNode unread;
  /** Whether the server has finished with the request, even if its response is of no use. */
  private boolean isAnswered;

  McpExchange(McpTransport transport, Clock clock, Pause pause, Peer peer, Sending sending, Deadline deadline) {
    this.transport = transport;
    this.clock = clock;
    this.pause = pause;
    this.peer = peer;
    this.sending = sending;
    this.protocol = sending.protocol();
    this.deadline = deadline;
  }

  McpResponse run() {
    try {
      return awaitResponse();
    } catch (Failure.Unreachable e) {
      if (e.mayHaveArrived()) cancel();
      throw e.mayHaveArrived() && questions > ServerQuestion.MAX_QUESTIONS ? McpFailures.tooManyQuestions() : e;
    } catch (Failure.Crowded e) {
      if (e.mayHaveArrived()) cancel();
      throw e;
    }
  }

  /** Gives the request up, if the server may still work on it. In the modern era the end of the connection says that. */
  private void cancel() {
    if (!isAnswered && protocol != null && sending.isDialogue()) transport.cancel(peer, id, protocol, deadline);
  }

  private McpResponse awaitResponse() {
    var response = begin();
    for (int resumed = 0; response.isEmpty(); resumed++) {
      if (resumed == MAX_RESUMPTIONS) throw McpFailures.tooManyResumptions();
      response = resume();
    }
    return response.get();
  }

  /** The response; empty where a stream ended before the response and can be resumed. */
  private Optional<McpResponse> begin() {
    try {
      return transport.post(peer, sending, id, deadline, this::read);
    } catch (Failure.Unreachable e) {
      // The stream broke, but its events have ids: the response can be asked for again.
      if (canResume()) return Optional.empty();
      throw e;
    } catch (Failure.Crowded e) {
      throw e.mayHaveArrived() ? McpFailures.cutOff(sending.request(), e) : e;
    }
  }

  /** Resumes the stream where it was left, after the time that the server asks for. */
  private Optional<McpResponse> resume() {
    var wait = place.retry().orElse(BEFORE_RESUMING);
    if (wait.compareTo(MIN_BEFORE_RESUMING) < 0) wait = MIN_BEFORE_RESUMING;
    if (!deadline.hasAtLeast(wait)) throw unfinished();
    String left = place.lastEventId().orElseThrow(McpExchange::unfinished);
    try {
      pause.of(wait);
      return transport.stream(peer, protocol, left, deadline, this::readRest);
    } catch (Failure.Unreachable e) {
      if (canResume()) return Optional.empty();
      throw unfinished();
    } catch (Failure.ProtocolBroken e) {
      // The request was sent before: this failure says nothing about its outcome.
      throw McpFailures.outcomeUnknown(e);
    } catch (Failure.Crowded e) {
      throw McpFailures.cutOff(sending.request(), e);
    }
  }

  private static Failure.Unreachable unfinished() {
    return McpFailures.outcomeUnknown("the stream ended before the response");
  }

  private boolean canResume() {
    return sending.isDialogue() && place.lastEventId().isPresent();
  }

  private Optional<McpResponse> read(ResponseHead head, InputStream body) throws IOException {
    var denied = Refusal.denied(head);
    if (denied.isPresent()) return denied;
    if (EventStream.isIn(head)) return fromStream(head, body);
    return Optional.of(fromBody(new HttpResponse(head, body.readAllBytes())));
  }

  private McpResponse fromBody(HttpResponse whole) {
    var head = whole.head();
    var messages = JsonRpcMessages.of(whole);
    isAnswered = true;
    if (messages.fault() != null && head.isSuccess()) throw messages.fault().withUpstreamStatus(head.status());
    replyTo(messages.all());
    var message = messages.response(id);
    var error = messages.errorWithoutId();
    if (message.isEmpty() && error.isPresent()) return fromUnread(head, error.get());
    // An error for this request is a response with every status; a result is one only with a successful status.
    return message.filter(m -> head.isSuccess() || m.hasNonNull("error")).map(m -> response(head, m))
        .orElseGet(() -> unusable(head, error.map(m -> m.get("error")).orElseGet(() -> shortened(whole.text()))));
  }

  /**
   * What an error says that names no request. A server that refuses a request because of its headers may not have read
   * its id (MCP 2026-07-28, schema).
   */
  private McpResponse fromUnread(ResponseHead head, ObjectNode message) {
    var error = new McpResponse.RpcError(message.get("error"), head.status());
    return error.isProtocolRefusal() ? error : unusable(head, error.error());
  }

  static JsonNode shortened(String text) {
    return TextNode.valueOf(text.substring(0, Math.min(text.length(), RefusalWords.MAX_SEARCHED)));
  }

  private Optional<McpResponse> readRest(ResponseHead head, InputStream body) throws IOException {
    if (EventStream.isIn(head)) return fromStream(head, body);
    place.forget();
    throw McpFailures.outcomeUnknown("status " + head.status() + " to the resumed stream")
        .withUpstreamStatus(head.status());
  }

  private Optional<McpResponse> fromStream(ResponseHead head, InputStream body) throws IOException {
    var stream = new EventStream(body, place);
    var message = responseIn(stream);
    isAnswered = message.isPresent() || stream.fault().isPresent() || unread != null;
    if (message.isPresent()) return message.map(m -> response(head, m));
    if (stream.fault().isPresent()) throw stream.fault().get().withUpstreamStatus(head.status());
    // The server has refused the request before it read the id, and has ended the stream: no other response will come.
    if (unread != null) return Optional.of(fromUnread(head, unread));
    if (canResume()) return Optional.empty();
    throw unfinished();
  }

  private Optional<ObjectNode> responseIn(EventStream stream) throws IOException {
    try {
      for (var message = stream.next(); message.isPresent(); message = stream.next()) {
        if (JsonRpcMessages.isResponse(message.get(), id)) return message;
        if (unread == null && JsonRpcMessages.isErrorWithoutId(message.get())) unread = message.get();
        replyTo(List.of(message.get()));
      }
    } catch (IOException e) {
      // The connection broke, or the time is over, while only the blank line behind the response was missing.
      var cutOff = stream.cutOffResponse(id);
      if (cutOff.isPresent()) return cutOff;
      throw e;
    }
    return stream.cutOffResponse(id);
  }

  private void replyTo(List<ObjectNode> messages) {
    if (protocol == null || !sending.isDialogue()) return;
    for (var message : messages) {
      if (ServerQuestion.isQuestion(message) && questions++ < ServerQuestion.MAX_QUESTIONS) {
        transport.reply(peer, message, protocol, sending.request().elicitation(), deadline);
      }
    }
  }

  private McpResponse response(ResponseHead head, ObjectNode message) {
    return McpResponse.of(message, head.status(),
        result -> protocol != null ? inSession(head, protocol) : offered(head, result));
  }

  /** What was agreed on, in the session that this response names: a server may replace a session. */
  private static NegotiatedProtocol inSession(ResponseHead head, NegotiatedProtocol agreed) {
    return agreed.session() == null
        ? agreed
        : session(head).map(id -> new NegotiatedProtocol(agreed.protocolVersion(), id)).orElse(agreed);
  }

  private static Optional<McpSessionId> session(ResponseHead head) {
    return head.header("mcp-session-id").filter(id -> !id.isEmpty()).map(McpSessionId::new);
  }

  /** What this result of a handshake offers. */
  private static NegotiatedProtocol offered(ResponseHead head, JsonNode result) {
    return new NegotiatedProtocol(result.path("protocolVersion").asText(), session(head).orElse(null));
  }

  private McpResponse unusable(ResponseHead head, JsonNode said) {
    return unusable(peer.url(), head, said, clock);
  }

  /** The response of a server at this URL that is no response to the request. */
  static McpResponse.Unusable unusable(EndpointUrl own, ResponseHead head, JsonNode said, Clock clock) {
    return new McpResponse.Unusable(head.status(),
        head.isSuccess() ? "with something that is no response to the request" : "with status " + head.status(),
        head.retryAt(clock.instant()).orElse(null), redirectedTo(own, head), said);
  }

  /** The target of a redirect. Only its origin, where it is at another one: the rest is the word of a stranger. */
  private static @Nullable EndpointUrl redirectedTo(EndpointUrl own, ResponseHead head) {
    return Redirect.named(own, head).map(
        target -> target.origin().equals(own.origin()) ? target : new EndpointUrl(target.origin())).orElse(null);
  }
}
