package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.http.ExchangeCut;
import social.avatarai.mcp.http.ResponseHead;
import social.avatarai.mcp.resource.McpTransport.Peer;
import social.avatarai.mcp.resource.McpTransport.Sending;

/**
 * One stream of the HTTP+SSE transport (MCP 2024-11-05, basic/transports), for one call: requests are posted to the URL
 * that the first event names, and the responses arrive on the stream. The end of the stream ends the session.
 */
final class SseStream {
  private final McpTransport transport;
  private final Clock clock;
  private final Peer peer;
  private final Elicitation elicitation;
  private final Deadline deadline;
  private final ExchangeCut cut;
  /** The server at the URL for messages; null before the endpoint event. */
  private @Nullable Peer messages;
  private @Nullable EventStream events;
  private @Nullable McpRequest last;
  private @Nullable SsePost post;
  private int questions;

  /** What is said over the stream. */
  @FunctionalInterface
  interface Dialogue {
    McpResponse over(SseStream stream) throws IOException;
  }

  /**
   * A stream that is not open yet.
   *
   * @param toEndpoint the longest time until the endpoint event
   */
  SseStream(McpTransport transport, Clock clock, Peer peer, Elicitation elicitation, Duration toEndpoint,
      Deadline deadline) {
    this.transport = transport;
    this.clock = clock;
    this.peer = peer;
    this.elicitation = elicitation;
    this.deadline = deadline;
    this.cut = new ExchangeCut(toEndpoint, McpFailures::noEndpointInTime);
  }

  /**
   * Opens the stream, has the dialogue, and closes the stream.
   *
   * @return the response of the dialogue; without one, the server's refusal of the stream
   */
  McpResponse during(Dialogue dialogue) {
    try {
      return transport.stream(peer, cut, deadline, (head, body) -> read(head, body, dialogue));
    } catch (Failure e) {
      var brought = Optional.ofNullable(post).flatMap(SsePost::response);
      if (brought.isPresent()) return brought.get();
      throw ofRequest(e);
    }
  }

  /** Whether the server has sent an endpoint event, and so speaks this transport. */
  boolean hasEndpoint() {
    return events != null;
  }

  /** Refuses a URL for messages that is not beside the stream. Nothing has been sent there yet. */
  void requireMessagesBeside() {
    SseEndpoint.requireBeside(peer.url(), messages().url());
  }

  /** Whether a request was sent that is not part of the handshake. */
  boolean hasSentRequest() {
    return last != null && !last.isHandshake();
  }

  private McpResponse read(ResponseHead head, InputStream body, Dialogue dialogue) throws IOException {
    var denied = Refusal.denied(head);
    if (denied.isPresent()) return denied.get();
    var stream = new EventStream(body, new EventStream.Place());
    var named = EventStream.isIn(head) ? stream.first(SseEndpoint.EVENT) : Optional.<String>empty();
    if (named.isEmpty()) return McpExchange.unusable(peer.url(), head, TextNode.valueOf(""), clock);
    events = stream;
    messages = peer.at(SseEndpoint.of(peer.url(), named.get()));
    cut.begun();
    return dialogue.over(this);
  }

  /**
   * Sends a request, and reads the stream until its response.
   *
   * @param agreed the version of this stream; null for the request that agrees on it
   */
  McpResponse ask(McpRequest request, @Nullable NegotiatedProtocol agreed) throws IOException {
    var at = messages();
    long id = McpRequest.freshId();
    last = request;
    var sending = new Sending(request, agreed, Map.of(), true);
    try (var sent = SsePost.begin(reader -> transport.post(at, sending, id, deadline, reader),
        (head, body) -> SsePost.read(head, body, id, message -> inBody(message, head.status(), agreed),
            said -> McpExchange.unusable(at.url(), head, said, clock)),
        cut)) {
      post = sent;
      var response = responseIn(id, agreed);
      if (response.isPresent()) return response(response.get(), 200, agreed);
      // A refusal of the POST may be the reason why the server has ended the stream.
      sent.await();
      return sent.response().orElseThrow(() -> sent.failure().orElseGet(McpFailures::endedStream));
    }
  }

  /**
   * The response that a POST has brought in its body. The result of a handshake counts only on the stream: the rest of
   * the call needs the stream, which a server that responds in both places keeps.
   */
  private static Optional<McpResponse> inBody(ObjectNode message, int status, @Nullable NegotiatedProtocol agreed) {
    return Optional.of(response(message, status, agreed))
        .filter(brought -> agreed != null || !(brought instanceof McpResponse.Result));
  }

  /** Sends a notification; the server's refusal of it, or empty where it takes it. */
  Optional<McpResponse> tell(ObjectNode notification, NegotiatedProtocol agreed) {
    return transport.deliver(messages(), notification, agreed, deadline, (head, body) -> {
      if (head.isSuccess()) return Optional.<McpResponse>empty();
      return Refusal.denied(head)
          .or(() -> Optional.of(McpExchange.unusable(peer.url(), head, TextNode.valueOf(""), clock)));
    });
  }

  private Optional<ObjectNode> responseIn(long id, @Nullable NegotiatedProtocol agreed) throws IOException {
    var stream = Objects.requireNonNull(events);
    try {
      for (var message = stream.nextReadable(); message.isPresent(); message = stream.nextReadable()) {
        if (JsonRpcMessages.isResponse(message.get(), id)) return message;
        if (ServerQuestion.isQuestion(message.get())) replyTo(message.get(), agreed);
      }
    } catch (IOException e) {
      // The connection broke while only the blank line behind the response was missing.
      var cutOff = stream.cutOffResponse(id);
      if (cutOff.isPresent()) return cutOff;
      throw e;
    }
    if (stream.fault().isPresent()) throw stream.fault().get();
    return stream.cutOffResponse(id);
  }

  /** Before the handshake has ended, there is no version to name in the reply, and a server may only send a ping. */
  private void replyTo(ObjectNode question, @Nullable NegotiatedProtocol agreed) {
    if (questions++ == ServerQuestion.MAX_QUESTIONS) throw McpFailures.tooManyQuestions();
    transport.reply(messages(), question, agreed, elicitation, deadline);
  }

  private Peer messages() {
    return Objects.requireNonNull(messages, "no endpoint event yet");
  }

  private static McpResponse response(ObjectNode message, int status, @Nullable NegotiatedProtocol agreed) {
    return McpResponse.of(message, status,
        result -> agreed != null ? agreed : NegotiatedProtocol.overSse(result.path("protocolVersion").asText()));
  }

  /**
   * The failure of the stream as one of the request that is under way. Until that request is sent, nothing was carried
   * out, even if the stream was open.
   */
  private Failure ofRequest(Failure e) {
    var request = last;
    boolean isLost = hasSentRequest() && !isUnsent();
    return switch (e) {
      case Failure.Crowded crowded -> isLost
          ? McpFailures.cutOff(Objects.requireNonNull(request), crowded)
          : McpFailures.unsent(crowded);
      case Failure.Unreachable lost when !isLost -> McpFailures.unsent(lost);
      case Failure.Unreachable lost when lost.code() == ErrorCode.OUTCOME_UNKNOWN -> lost;
      case Failure.Unreachable lost -> McpFailures.outcomeUnknown(lost);
      case Failure.ProtocolBroken broken when isLost -> McpFailures.outcomeUnknown(broken);
      default -> e;
    };
  }

  /** Whether the POST did not even reach the server. */
  private boolean isUnsent() {
    return Optional.ofNullable(post).flatMap(SsePost::failure)
        .filter(failure -> failure instanceof Failure.Unreachable lost && !lost.mayHaveArrived()).isPresent();
  }
}
