package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.EnteredCredentials;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.StdioName;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.http.ExchangeCut;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.token.Grant;

/**
 * Sends messages over Streamable HTTP (MCP, basic/transports), with the headers of the negotiated protocol, or to a
 * program over {@link StdioTransport}. Judges nothing.
 */
final class McpTransport {
  /** In bytes: with our own members around it, a response must fit into the 6 MB of a Lambda response. */
  static final int MAX_BYTES = 5 * 1024 * 1024;
  private static final Duration MAX_TIME = Duration.ofSeconds(25);
  private static final Duration MAX_TO_CANCEL = Duration.ofMillis(500);

  private final Outbound outbound;
  private final StdioTransport programs;
  private final Clock clock;
  private final Pause pause;

  McpTransport(Outbound outbound, StdioTransport programs, Clock clock, Pause pause) {
    this.outbound = outbound;
    this.programs = programs;
    this.clock = clock;
    this.pause = pause;
  }

  /**
   * A server and what the client may show it.
   *
   * @param user the user who asks; null where neither a token nor a list of tools of a user is involved
   * @param url the server
   * @param token the user's token for it; null for none
   * @param entered the credentials that the user has entered for it
   * @param declared what its record says about its transport
   */
  record Peer(@Nullable UserId user, EndpointUrl url, @Nullable AccessToken token, EnteredCredentials entered,
      DeclaredTransport declared) {

    @Nullable
    StdioName program() {
      return declared.program();
    }

    boolean isSse() { return declared.isSse(); }

    /** The same server at another URL of its origin. */
    Peer at(EndpointUrl other) {
      if (!url.origin().equals(other.origin())) throw new IllegalArgumentException("another origin");
      return new Peer(user, other, token, entered, declared);
    }

    /** A grant's own server, with the token of the grant. */
    static Peer of(Grant grant) {
      return new Peer(grant.key().user(), grant.target().serverUrl(), grant.tokens().accessToken(),
          EnteredCredentials.none(), DeclaredTransport.of(grant));
    }

    static Peer unnamed(EndpointUrl url, DeclaredTransport declared) {
      return new Peer(null, url, null, EnteredCredentials.none(), declared);
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
    return peer.program() == null
        ? new McpExchange(this, clock, pause, peer, sending, deadline).run()
        : programs.send(peer.program(), sending, deadline);
  }

  /** Posts a request under this id, and hands the response to the reader. */
  <T> T post(Peer peer, Sending sending, long id, Deadline deadline, Outbound.ResponseReader<T> reader) {
    var request = post(peer, sending.request().message(id));
    for (var header : sending.headers().entrySet())
      request = request.with(header.getKey(), header.getValue());
    var whole = withHeaders(request, peer, sending.protocol()).within(MAX_BYTES, MAX_TIME);
    return outbound.exchange(whole, deadline, reader);
  }

  /** Sends a message that has no response: a notification, or a reply to the server. */
  void deliver(Peer peer, ObjectNode message, @Nullable NegotiatedProtocol protocol, Deadline deadline) {
    if (peer.program() != null) programs.deliver(peer.program(), message, deadline);
    else
      deliver(peer, message, protocol, deadline, (head, _) -> head.status());
  }

  /** The same over HTTP, for a sender who asks whether the server takes the message. */
  <T> T deliver(Peer peer, ObjectNode message, @Nullable NegotiatedProtocol protocol, Deadline deadline,
      Outbound.ResponseReader<T> reader) {
    return outbound.exchange(withHeaders(post(peer, message), peer, protocol), deadline, reader);
  }

  /**
   * Tells the server that a request is given up. A thread of its own does so, because the call may have no time and no
   * slot left. The call waits for it as long as the deadline allows. If the message does not arrive, the server works
   * for nothing.
   */
  void cancel(Peer peer, long id, NegotiatedProtocol protocol, Deadline deadline) {
    var sending = Thread.ofVirtual().name("mcp-cancel").start(InvocationSecrets.bound(() -> {
      try {
        deliver(peer, McpRequest.cancelled(id), protocol, Deadline.in(MAX_TO_CANCEL));
      } catch (Failure e) {
        // The server works on for nothing.
      }
    }));
    try {
      sending.join(deadline.remaining(MAX_TO_CANCEL));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends a session (MCP 2025-11-25, basic/transports, session management). */
  void endSession(Peer peer, NegotiatedProtocol protocol, Deadline deadline) {
    outbound.exchange(withHeaders(OutboundRequest.delete(peer.url()), peer, protocol), deadline,
        (head, _) -> head.status());
  }

  /** Asks for a stream, and hands the stream to the reader. */
  <T> T stream(Peer peer, @Nullable NegotiatedProtocol protocol, @Nullable String lastEventId, Deadline deadline,
      Outbound.ResponseReader<T> reader) {
    var request = withHeaders(OutboundRequest.eventStream(peer.url()), peer, protocol);
    if (lastEventId != null) request = request.with("Last-Event-ID", lastEventId);
    return outbound.exchange(request.within(MAX_BYTES, MAX_TIME), deadline, reader);
  }

  /** Opens the stream of the HTTP+SSE transport, which the cut ends too, and hands the stream to the reader. */
  <T> T stream(Peer peer, ExchangeCut cut, Deadline deadline, Outbound.ResponseReader<T> reader) {
    var request = withHeaders(OutboundRequest.eventStream(peer.url()), peer, null);
    return outbound.exchange(request.within(MAX_BYTES, MAX_TIME).endedBy(cut), deadline, reader);
  }

  private static OutboundRequest post(Peer peer, ObjectNode message) {
    return OutboundRequest.json(peer.url(), message).with("Accept", "application/json, text/event-stream");
  }

  private static OutboundRequest withHeaders(OutboundRequest bare, Peer peer, @Nullable NegotiatedProtocol protocol) {
    var request = bare;
    for (var header : peer.entered().requireFor(peer.url()).all().toList())
      request = request.with(header.name().value(), header.value());
    if (peer.token() != null) request = request.with("Authorization", "Bearer " + peer.token().reveal());
    if (protocol == null) return request;
    request = request.with("MCP-Protocol-Version", protocol.protocolVersion());
    return protocol.session() == null ? request : request.with("Mcp-Session-Id", protocol.session().reveal());
  }

  /**
   * Replies to a question of the server. A reply that does not arrive is the server's loss: it says nothing about the
   * request that is under way.
   */
  void reply(Peer peer, ObjectNode question, @Nullable NegotiatedProtocol protocol, Elicitation elicitation,
      Deadline deadline) {
    try {
      deliver(peer, ServerQuestion.reply(question, elicitation), protocol, deadline);
    } catch (Failure e) {
      // The client reads on.
    }
  }
}
