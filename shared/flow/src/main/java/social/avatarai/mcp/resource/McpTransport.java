package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Challenge;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.http.ResponseHead;

/**
 * Sends one message over Streamable HTTP and reads the response. Judges nothing.
 *
 * <p>A stream that ends before the response is resumed where the server has given its events ids (MCP 2025-11-25,
 * basic/transports, resumability). Resuming asks for the response once more; it does not send the request again.
 */
final class McpTransport {
  /** In bytes: with our own members around it, a response must fit into the 6 MB of a Lambda response. */
  static final int MAX_BYTES = 5 * 1024 * 1024;
  private static final Duration MAX_TIME = Duration.ofSeconds(25);
  private static final Duration BEFORE_RESUMING = Duration.ofSeconds(1);
  private static final Duration MIN_BEFORE_RESUMING = Duration.ofMillis(100);
  private static final int MAX_RESUMPTIONS = 20;

  private final Outbound outbound;
  private final Clock clock;
  private final Pause pause;

  McpTransport(Outbound outbound, Clock clock, Pause pause) {
    this.outbound = outbound;
    this.clock = clock;
    this.pause = pause;
  }

  /**
   * A server and what the client may show it.
   *
   * @param user the user who asks; null where neither a token nor a list of tools of a user is involved
   * @param url the server
   * @param token the user's token for it; null for none
   */
  record Peer(@Nullable UserId user, EndpointUrl url, @Nullable AccessToken token) {
    static Peer unnamed(EndpointUrl url) {
      return new Peer(null, url, null);
    }
  }

  /**
   * A request as it goes out.
   *
   * @param request the request, whole
   * @param protocol what was agreed on; null for the request that agrees on it
   * @param headers its own headers
   * @param isDialogue whether the server may ask questions before its response, and may let a broken stream be resumed
   */
  record Sending(McpRequest request, @Nullable NegotiatedProtocol protocol, Map<String, String> headers,
      boolean isDialogue) {
    static Sending handshake(McpRequest request) {
      return new Sending(request, null, Map.of(), false);
    }
  }

  /**
   * Sends a request.
   *
   * @throws Failure.Unreachable when the server was not reached, or may have carried the request out without a response
   */
  McpResponse send(Peer peer, Sending sending, Deadline deadline) {
    var exchange = new Exchange(peer, sending, deadline);
    var response = exchange.begin();
    for (int resumed = 0; response.isEmpty(); resumed++) {
      if (resumed == MAX_RESUMPTIONS) throw exchange.unfinished();
      response = exchange.resume();
    }
    return response.get();
  }

  /** Sends a message that has no response: a notification, or a reply to the server. */
  void deliver(Peer peer, ObjectNode message, NegotiatedProtocol protocol, Deadline deadline) {
    outbound.exchange(withHeaders(post(peer, message), peer, protocol), deadline, (head, _) -> head.status());
  }

  /** Ends a session (MCP 2025-11-25, basic/transports, session management). */
  void endSession(Peer peer, NegotiatedProtocol protocol, Deadline deadline) {
    outbound.exchange(withHeaders(OutboundRequest.delete(peer.url()), peer, protocol), deadline,
        (head, _) -> head.status());
  }

  /** Asks for a stream, and hands the stream to the reader. */
  <T> T stream(Peer peer, @Nullable NegotiatedProtocol protocol, @Nullable String lastEventId, Deadline deadline,
      Outbound.AnswerReader<T> reader) {
    var request = withHeaders(OutboundRequest.eventStream(peer.url()), peer, protocol);
    if (lastEventId != null) request = request.with("Last-Event-ID", lastEventId);
    return outbound.exchange(request.within(MAX_BYTES, MAX_TIME), deadline, reader);
  }

  private static OutboundRequest post(Peer peer, ObjectNode message) {
    return OutboundRequest.json(peer.url(), message).with("Accept", "application/json, text/event-stream");
  }

  private static OutboundRequest withHeaders(OutboundRequest bare, Peer peer, @Nullable NegotiatedProtocol protocol) {
    var request = bare;
    if (peer.token() != null) request = request.with("Authorization", "Bearer " + peer.token().reveal());
    if (protocol == null) return request;
    request = request.with("MCP-Protocol-Version", protocol.protocolVersion());
    return protocol.session() == null ? request : request.with("Mcp-Session-Id", protocol.session().reveal());
  }

  /**
   * Replies to a question of the server. A reply that does not arrive is the server's loss: it says nothing about the
   * request that is under way.
   */
  void reply(Peer peer, ObjectNode question, NegotiatedProtocol protocol, Elicitation elicitation, Deadline deadline) {
    try {
      deliver(peer, ServerQuestion.reply(question, elicitation), protocol, deadline);
    } catch (Failure e) {
      // The client reads on.
    }
  }

  /** One request under way: reads until the response, and replies to the questions that the server asks before it. */
  private final class Exchange {
    private final Peer peer;
    private final Sending sending;
    private final @Nullable NegotiatedProtocol protocol;
    private final Deadline deadline;
    private final String id = McpRequest.freshId();
    private final EventStream.Place place = new EventStream.Place();
    private int questions;

    Exchange(Peer peer, Sending sending, Deadline deadline) {
      this.peer = peer;
      this.sending = sending;
      this.protocol = sending.protocol();
      this.deadline = deadline;
    }

    /** The response; empty where a stream ended before the response and can be resumed. */
    Optional<McpResponse> begin() {
      var request = post(peer, sending.request().message(id));
      for (var header : sending.headers().entrySet())
        request = request.with(header.getKey(), header.getValue());
      var whole = withHeaders(request, peer, protocol).within(MAX_BYTES, MAX_TIME);
      try {
        return outbound.exchange(whole, deadline, this::read);
      } catch (Failure.Unreachable e) {
        // The stream broke, but its events have ids: the response can be asked for again.
        if (canResume()) return Optional.empty();
        throw e;
      }
    }

    /** Resumes the stream where it was left, after the time that the server asks for. */
    Optional<McpResponse> resume() {
      var wait = place.retry().orElse(BEFORE_RESUMING);
      if (wait.compareTo(MIN_BEFORE_RESUMING) < 0) wait = MIN_BEFORE_RESUMING;
      if (!deadline.hasAtLeast(wait)) throw unfinished();
      pause.of(wait);
      String left = place.lastEventId().orElseThrow(this::unfinished);
      try {
        return stream(peer, protocol, left, deadline, this::readRest);
      } catch (Failure.Unreachable e) {
        if (canResume()) return Optional.empty();
        throw unfinished();
      } catch (Failure.ProtocolBroken e) {
        // The request was sent before: this failure says nothing about its outcome.
        throw unfinished();
      }
    }

    Failure.Unreachable unfinished() {
      return McpFailures.outcomeUnknown("the stream ended before the response");
    }

    private boolean canResume() {
      return sending.isDialogue() && place.lastEventId().isPresent();
    }

    private Optional<McpResponse> read(ResponseHead head, InputStream body) throws IOException {
      var challenge = Challenge.answerable(head.headers("www-authenticate"));
      if (head.status() == 401) return Optional.of(new McpResponse.Unauthorized(challenge));
      if (head.status() == 403) return Optional.of(new McpResponse.Forbidden(challenge));
      if (head.isSuccess() && isStream(head)) return fromStream(head, body);
      var message = new HttpResponse(head, body.readAllBytes()).object().filter(m -> isOurs(m) || isRefusal(head, m));
      // An error for this request is a response with every status; a result is one only with a successful status.
      return Optional.of(message.filter(m -> head.isSuccess() || m.hasNonNull("error")).map(m -> response(head, m))
          .orElseGet(() -> unusable(head)));
    }

    private Optional<McpResponse> readRest(ResponseHead head, InputStream body) throws IOException {
      if (head.isSuccess() && isStream(head)) return fromStream(head, body);
      place.forget();
      throw McpFailures.outcomeUnknown("status " + head.status() + " to the resumed stream")
          .withUpstreamStatus(head.status());
    }

    private Optional<McpResponse> fromStream(ResponseHead head, InputStream body) throws IOException {
      var stream = new EventStream(body, place);
      for (var message = stream.next(); message.isPresent(); message = stream.next()) {
        if (isOurs(message.get())) return Optional.of(response(head, message.get()));
        if (protocol != null && sending.isDialogue() && ServerQuestion.isQuestion(message.get())
            && questions++ < ServerQuestion.MAX_QUESTIONS) {
          reply(peer, message.get(), protocol, sending.request().elicitation(), deadline);
        }
      }
      if (canResume()) return Optional.empty();
      throw unfinished();
    }

    private boolean isOurs(ObjectNode message) {
      return id.equals(message.path("id").textValue()) && !message.has("method");
    }

    /** A server that refuses a request because of its headers may not have read its id (MCP 2026-07-28, schema). */
    private boolean isRefusal(ResponseHead head, ObjectNode message) {
      return !message.hasNonNull("id") && message.hasNonNull("error")
          && new McpResponse.RpcError(message.get("error"), head.status(), protocol).isProtocolRefusal();
    }

    private McpResponse response(ResponseHead head, ObjectNode message) {
      // Servers in the field send a null error beside a result.
      if (message.hasNonNull("error")) return new McpResponse.RpcError(message.get("error"), head.status(), protocol);
      var result = message.get("result");
      return result == null
          ? new McpResponse.Unusable(head.status(), "without a result")
          : new McpResponse.Result(result, protocol != null ? protocol : offered(head, message));
    }

    /** What this response to a handshake offers. */
    private static NegotiatedProtocol offered(ResponseHead head, ObjectNode message) {
      return new NegotiatedProtocol(message.path("result").path("protocolVersion").asText(),
          head.header("mcp-session-id").filter(session -> !session.isEmpty()).map(McpSessionId::new).orElse(null));
    }

    private McpResponse unusable(ResponseHead head) {
      return new McpResponse.Unusable(head.status(),
          head.isSuccess() ? "with something that is no response to the request" : "with status " + head.status(),
          head.retryAt(clock.instant()).orElse(null));
    }

    private static boolean isStream(ResponseHead head) {
      return head.mediaType().equals("text/event-stream");
    }
  }
}
