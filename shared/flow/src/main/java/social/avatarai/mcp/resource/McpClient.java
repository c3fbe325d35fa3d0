package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.discovery.Challenge;
import social.avatarai.mcp.discovery.Discovery.Probe;
import social.avatarai.mcp.http.Answer;
import social.avatarai.mcp.http.AnswerHead;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.Outgoing;

/**
 * Speaks to MCP servers over Streamable HTTP by handshake: versions 2024-11-05 to 2025-11-25.
 *
 * <p>A request that may have been carried out is never sent again: it ends as {@code outcome_unknown}. One exception has
 * an answer to show for it: a session that is gone is replaced, once.
 */
public final class McpClient {
  /** The most bytes of one answer: with our own wrapping it must fit the 6 MB of a Lambda's answer. */
  static final int MOST_BYTES = 5 * 1024 * 1024;
  private static final Duration MOST_TIME = Duration.ofSeconds(25);

  private final Outbound outbound;

  public McpClient(Outbound outbound) {
    this.outbound = outbound;
  }

  /**
   * A server and what we may show it.
   *
   * @param url the server
   * @param token the user's token for it; null for none
   */
  record Peer(EndpointUrl url, @Nullable AccessToken token) {}

  /** Asks a server something without a token, to see its challenge. */
  public Probe probe(EndpointUrl url, Deadline deadline) {
    var request = post(new Peer(url, null), McpRequest.initialize().message(McpRequest.freshId()), null);
    return outbound.exchange(request, deadline,
        (head, body) -> new Probe(head.status(), Challenge.answerable(head.headers("www-authenticate"))));
  }

  /** One request, over the kept wire where there is one, else after a handshake. */
  McpAnswer request(Peer peer, McpRequest request, @Nullable McpWire kept, Deadline deadline) {
    if (kept != null) {
      var answer = send(peer, request, kept, deadline);
      if (!(answer instanceof McpAnswer.SessionGone)) return answer;
    }
    var handshake = handshake(peer, deadline);
    if (!(handshake instanceof McpAnswer.Result(_, var wire))) return handshake;
    return refuseGone(send(peer, request, wire, deadline));
  }

  /** A handshake; its result is the server's own description. */
  McpAnswer handshake(Peer peer, Deadline deadline) {
    var answer = refuseGone(send(peer, McpRequest.initialize(), null, deadline));
    if (!(answer instanceof McpAnswer.Result(var description, var wire))) return answer;
    if (!ProtocolVersion.isSpoken(wire.protocolVersion())) {
      throw new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER,
          "The server speaks no version of the protocol that this service speaks.", wire.protocolVersion());
    }
    notify(peer, "notifications/initialized", wire, deadline);
    return new McpAnswer.Result(description, wire);
  }

  private static McpAnswer refuseGone(McpAnswer answer) {
    if (!(answer instanceof McpAnswer.SessionGone(int status))) return answer;
    throw new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER,
        "The URL does not answer as an MCP server does.", "status " + status);
  }

  private void notify(Peer peer, String method, McpWire wire, Deadline deadline) {
    outbound.exchange(post(peer, new McpRequest(method, null).notification(), wire), deadline,
        (head, body) -> head.status());
  }

  private McpAnswer send(Peer peer, McpRequest request, @Nullable McpWire wire, Deadline deadline) {
    String id = McpRequest.freshId();
    var conversation = new Conversation(peer, id, wire, deadline);
    try {
      return outbound.exchange(post(peer, request.message(id), wire), deadline, conversation::read);
    } catch (Failure.Unreachable e) {
      if (!e.mayHaveArrived() || wire == null) throw e;
      throw new Failure.Unreachable(ErrorCode.OUTCOME_UNKNOWN,
          "The server did not answer; the request may have been carried out.", e.detail(), true);
    }
  }

  private static Outgoing post(Peer peer, ObjectNode message, @Nullable McpWire wire) {
    var request = Outgoing.json(peer.url(), message).within(MOST_BYTES, MOST_TIME).with("Accept",
        "application/json, text/event-stream");
    if (peer.token() != null) request = request.with("Authorization", "Bearer " + peer.token().reveal());
    if (wire == null) return request;
    request = request.with("MCP-Protocol-Version", wire.protocolVersion());
    return wire.session() == null ? request : request.with("Mcp-Session-Id", wire.session().reveal());
  }

  /** One request under way: reads until its response, answering what the server asks meanwhile. */
  private final class Conversation {
    private final Peer peer;
    private final String id;
    private final @Nullable McpWire wire;
    private final Deadline deadline;

    Conversation(Peer peer, String id, @Nullable McpWire wire, Deadline deadline) {
      this.peer = peer;
      this.id = id;
      this.wire = wire;
      this.deadline = deadline;
    }

    McpAnswer read(AnswerHead head, InputStream body) throws IOException {
      var challenge = Challenge.answerable(head.headers("www-authenticate"));
      return switch (head.status()) {
        case 401 -> new McpAnswer.Unauthorized(challenge);
        case 403 -> new McpAnswer.Forbidden(challenge);
        case 400, 404 -> errorOrGone(head, body);
        default -> response(head, message(head, body));
      };
    }

    /** A JSON-RPC error for this very request is an answer; anything else means that the session is gone. */
    private McpAnswer errorOrGone(AnswerHead head, InputStream body) throws IOException {
      return new Answer(head, body.readAllBytes()).object()
          .filter(message -> isOurs(message) && message.hasNonNull("error"))
          .<McpAnswer>map(message -> response(head, message)).orElseGet(() -> new McpAnswer.SessionGone(head.status()));
    }

    private ObjectNode message(AnswerHead head, InputStream body) throws IOException {
      if (head.status() >= 500 || head.status() == 429 || head.status() == 408) {
        throw new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE, "The server cannot answer now.",
            "status " + head.status(), mayHaveBegun(head.status()));
      }
      if (!head.isSuccess()) throw broken("with status " + head.status());
      if (head.mediaType().equals("text/event-stream")) return fromStream(new EventStream(body));
      return Json.object(body.readAllBytes()).filter(this::isOurs)
          .orElseThrow(() -> broken("with something that is no answer to the request"));
    }

    /** A server that breaks down, or a gateway that gave it up, may have carried the request out. */
    private static boolean mayHaveBegun(int status) {
      return status >= 500 && status != 503;
    }

    private ObjectNode fromStream(EventStream stream) throws IOException {
      for (var message = stream.next(); message.isPresent(); message = stream.next()) {
        if (isOurs(message.get())) return message.get();
        if (message.get().has("method") && message.get().has("id")) answer(message.get());
      }
      throw new Failure.Unreachable(ErrorCode.OUTCOME_UNKNOWN,
          "The server ended its answer before the result; the request may have been carried out.", "", true);
    }

    private boolean isOurs(ObjectNode message) {
      return id.equals(message.path("id").textValue()) && !message.has("method");
    }

    /** What a server may ask of us: whether we are there. Everything else we did not declare, and say so. */
    private void answer(ObjectNode request) {
      var reply = Json.newObject();
      reply.put("jsonrpc", "2.0");
      reply.set("id", request.get("id"));
      if (request.path("method").asText().equals("ping")) reply.putObject("result");
      else
        reply.putObject("error").put("code", -32601).put("message", "Method not found");
      outbound.exchange(post(peer, reply, wire), deadline, (head, body) -> head.status());
    }

    private McpAnswer response(AnswerHead head, ObjectNode message) {
      // Servers in the field send a null error beside a result.
      if (message.hasNonNull("error")) return new McpAnswer.RpcError(message.get("error"), wire);
      JsonNode result = Optional.ofNullable(message.get("result")).orElseThrow(() -> broken("without a result"));
      return new McpAnswer.Result(result, spoken(head, result));
    }

    /** The wire in use: the one agreed on, or the one that this answer to a handshake offers. */
    private McpWire spoken(AnswerHead head, JsonNode result) {
      if (wire != null) return wire;
      return new McpWire(result.path("protocolVersion").asText(),
          head.header("mcp-session-id").filter(session -> !session.isEmpty()).map(McpSessionId::new).orElse(null));
    }

    private static Failure broken(String how) {
      return new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER, "The MCP server answered nonsense.", how);
    }
  }
}
