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
 * Sends one message over Streamable HTTP and reads what comes of it; judges nothing.
 *
 * <p>A stream of the handshake wires that ends too early is taken up again where the server has given it ids (MCP
 * 2025-11-25, basic/transports, resumability): that asks for the answer once more, not for the deed.
 */
final class McpTransport {
  /** The most bytes of one answer: with our own wrapping it must fit the 6 MB of a Lambda's answer. */
  static final int MAX_BYTES = 5 * 1024 * 1024;
  private static final Duration MAX_TIME = Duration.ofSeconds(25);
  private static final Duration BEFORE_RESUMING = Duration.ofSeconds(1);
  private static final Duration MIN_BEFORE_RESUMING = Duration.ofMillis(100);
  private static final int MAX_RESUMPTIONS = 20;
  /** Each answer is a request of ours with the user's token: no server gets many of them for one of the user's. */
  static final int MAX_QUESTIONS = 50;

  private final Outbound outbound;
  private final Clock clock;
  private final Pause pause;

  McpTransport(Outbound outbound, Clock clock, Pause pause) {
    this.outbound = outbound;
    this.clock = clock;
    this.pause = pause;
  }

  /**
   * A server and what we may show it.
   *
   * @param user whose request it is; null where there is no user's token or list of tools
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
   * @param wire what was agreed on; null for the request that agrees on it
   * @param headers its own headers
   */
  record Sending(McpRequest request, @Nullable NegotiatedProtocol wire, Map<String, String> headers) {}

  /** Sends a request; what may have been carried out and is not answered is {@code Failure.Unreachable}. */
  McpResponse send(Peer peer, Sending sending, Deadline deadline) {
    var conversation = new Conversation(peer, sending, deadline);
    var answer = conversation.begin();
    for (int resumed = 0; answer.isEmpty(); resumed++) {
      if (resumed == MAX_RESUMPTIONS) throw conversation.unfinished();
      answer = conversation.resume();
    }
    return answer.get();
  }

  /** Tells a server something that it does not answer. */
  void tell(Peer peer, ObjectNode message, NegotiatedProtocol wire, Deadline deadline) {
    outbound.exchange(dressed(post(peer, message), peer, wire), deadline, (head, _) -> head.status());
  }

  /** Ends a session (MCP 2025-11-25, basic/transports, session management). */
  void end(Peer peer, NegotiatedProtocol wire, Deadline deadline) {
    outbound.exchange(dressed(OutboundRequest.delete(peer.url()), peer, wire), deadline, (head, _) -> head.status());
  }

  /** Asks for a stream, and hands it to the reader. */
  <T> T stream(Peer peer, @Nullable NegotiatedProtocol wire, @Nullable String lastEventId, Deadline deadline,
      Outbound.AnswerReader<T> reader) {
    var request = dressed(OutboundRequest.eventStream(peer.url()), peer, wire);
    if (lastEventId != null) request = request.with("Last-Event-ID", lastEventId);
    return outbound.exchange(request.within(MAX_BYTES, MAX_TIME), deadline, reader);
  }

  private static OutboundRequest post(Peer peer, ObjectNode message) {
    return OutboundRequest.json(peer.url(), message).with("Accept", "application/json, text/event-stream");
  }

  private static OutboundRequest dressed(OutboundRequest bare, Peer peer, @Nullable NegotiatedProtocol wire) {
    var request = bare;
    if (peer.token() != null) request = request.with("Authorization", "Bearer " + peer.token().reveal());
    if (wire == null) return request;
    request = request.with("MCP-Protocol-Version", wire.protocolVersion());
    return wire.session() == null ? request : request.with("Mcp-Session-Id", wire.session().reveal());
  }

  /**
   * Answers what a server may ask of us: whether we are there, and what was declared. Everything else is refused. A reply
   * that does not get through is the server's loss, and says nothing of the request that is under way.
   */
  void answer(Peer peer, ObjectNode question, NegotiatedProtocol wire, Elicitation elicitation, Deadline deadline) {
    try {
      tell(peer, reply(question, elicitation), wire, deadline);
    } catch (Failure e) {
      // Reading goes on.
    }
  }

  private static ObjectNode reply(ObjectNode question, Elicitation elicitation) {
    var reply = Json.newObject();
    reply.put("jsonrpc", "2.0");
    reply.set("id", question.get("id"));
    String method = question.path("method").asText();
    if (method.equals("ping")) reply.putObject("result");
    else if (method.equals(Elicitation.METHOD) && elicitation == Elicitation.DEFAULTS) {
      reply.set("result", Elicitation.byDefault(question.path("params")));
    } else {
      reply.putObject("error").put("code", -32601).put("message", "Method not found");
    }
    return reply;
  }

  static boolean isQuestion(ObjectNode message) {
    return message.has("method") && message.has("id");
  }

  /** One request under way: reads until its response, answering what the server asks meanwhile. */
  private final class Conversation {
    private final Peer peer;
    private final Sending sending;
    private final @Nullable NegotiatedProtocol wire;
    private final Deadline deadline;
    private final String id = McpRequest.freshId();
    private final EventStream.Place place = new EventStream.Place();
    private int questions;

    Conversation(Peer peer, Sending sending, Deadline deadline) {
      this.peer = peer;
      this.sending = sending;
      this.wire = sending.wire();
      this.deadline = deadline;
    }

    /** The answer; empty where a stream ended before it and can be taken up again. */
    Optional<McpResponse> begin() {
      var request = post(peer, sending.request().message(id));
      for (var header : sending.headers().entrySet())
        request = request.with(header.getKey(), header.getValue());
      var whole = dressed(request, peer, wire).within(MAX_BYTES, MAX_TIME);
      try {
        return outbound.exchange(whole, deadline, this::read);
      } catch (Failure.Unreachable e) {
        // Broken within a stream that has ids: the answer can be asked for again.
        if (canResume()) return Optional.empty();
        throw e;
      }
    }

    /** Takes the stream up where it was left, when the server wants that. */
    Optional<McpResponse> resume() {
      var wait = place.retry().orElse(BEFORE_RESUMING);
      if (wait.compareTo(MIN_BEFORE_RESUMING) < 0) wait = MIN_BEFORE_RESUMING;
      if (wire == null || !deadline.hasAtLeast(wait)) throw unfinished();
      pause.of(wait);
      String left = place.lastEventId().orElseThrow(this::unfinished);
      try {
        return stream(peer, wire, left, deadline, this::readRest);
      } catch (Failure.Unreachable e) {
        if (canResume()) return Optional.empty();
        throw unfinished();
      } catch (Failure.ProtocolBroken e) {
        // The request went out long ago: what became of it is no clearer for this.
        throw unfinished();
      }
    }

    Failure.Unreachable unfinished() {
      return McpFailures.outcomeUnknown("the stream ended before the answer");
    }

    private boolean canResume() {
      return wire != null && !wire.isStateless() && place.lastEventId().isPresent();
    }

    private Optional<McpResponse> read(ResponseHead head, InputStream body) throws IOException {
      var challenge = Challenge.answerable(head.headers("www-authenticate"));
      if (head.status() == 401) return Optional.of(new McpResponse.Unauthorized(challenge));
      if (head.status() == 403) return Optional.of(new McpResponse.Forbidden(challenge));
      if (head.isSuccess() && isStream(head)) return fromStream(head, body);
      var message = new HttpResponse(head, body.readAllBytes()).object().filter(m -> isOurs(m) || isRefusal(head, m));
      // An error for this very request is an answer whatever the status; a result is one with a success alone.
      return Optional.of(message.filter(m -> head.isSuccess() || m.hasNonNull("error")).map(m -> response(head, m))
          .orElseGet(() -> unusable(head)));
    }

    private Optional<McpResponse> readRest(ResponseHead head, InputStream body) throws IOException {
      if (head.isSuccess() && isStream(head)) return fromStream(head, body);
      place.forget();
      throw McpFailures.outcomeUnknown("status " + head.status() + " to the stream taken up again")
          .withUpstreamStatus(head.status());
    }

    private Optional<McpResponse> fromStream(ResponseHead head, InputStream body) throws IOException {
      var stream = new EventStream(body, place);
      for (var message = stream.next(); message.isPresent(); message = stream.next()) {
        if (isOurs(message.get())) return Optional.of(response(head, message.get()));
        // On the stateless wire a server asks nothing, and a client must not answer.
        if (wire != null && !wire.isStateless() && isQuestion(message.get()) && questions++ < MAX_QUESTIONS) {
          answer(peer, message.get(), wire, sending.request().elicitation(), deadline);
        }
      }
      if (canResume()) return Optional.empty();
      throw unfinished();
    }

    private boolean isOurs(ObjectNode message) {
      return id.equals(message.path("id").textValue()) && !message.has("method");
    }

    /** A server that refuses a request for its headers may not have read its id (MCP 2026-07-28, schema). */
    private boolean isRefusal(ResponseHead head, ObjectNode message) {
      return !message.hasNonNull("id") && message.hasNonNull("error")
          && new McpResponse.RpcError(message.get("error"), head.status(), wire).isOfTheStatelessWire();
    }

    private McpResponse response(ResponseHead head, ObjectNode message) {
      // Servers in the field send a null error beside a result.
      if (message.hasNonNull("error")) return new McpResponse.RpcError(message.get("error"), head.status(), wire);
      var result = message.get("result");
      return result == null
          ? new McpResponse.Unusable(head.status(), "without a result")
          : new McpResponse.Result(result, wire != null ? wire : offered(head, message));
    }

    /** The wire that this answer to a handshake offers. */
    private static NegotiatedProtocol offered(ResponseHead head, ObjectNode message) {
      return new NegotiatedProtocol(message.path("result").path("protocolVersion").asText(),
          head.header("mcp-session-id").filter(session -> !session.isEmpty()).map(McpSessionId::new).orElse(null));
    }

    private McpResponse unusable(ResponseHead head) {
      return new McpResponse.Unusable(head.status(),
          head.isSuccess() ? "with something that is no answer to the request" : "with status " + head.status(),
          head.retryAt(clock.instant()).orElse(null));
    }

    private static boolean isStream(ResponseHead head) {
      return head.mediaType().equals("text/event-stream");
    }
  }
}
