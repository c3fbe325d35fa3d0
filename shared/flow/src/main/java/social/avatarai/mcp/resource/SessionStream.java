package social.avatarai.mcp.resource;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.http.ResponseHead;

/**
 * The server's own stream of a session (MCP 2025-11-25, basic/transports, listening for messages). Servers send
 * questions on this stream, even questions about a request. The client listens while such a request is under way, on a
 * thread that ends with the request.
 */
final class SessionStream implements AutoCloseable {
  /** A server without such a stream refuses at once. */
  private static final Duration TO_OPEN = Duration.ofSeconds(3);

  private final McpTransport transport;
  private final McpTransport.Peer peer;
  private final NegotiatedProtocol protocol;
  private final Elicitation elicitation;
  private final Deadline deadline;
  private final CountDownLatch opened = new CountDownLatch(1);
  private final Thread listener;
  private volatile boolean askedTooMuch;

  private SessionStream(McpTransport transport, McpTransport.Peer peer, NegotiatedProtocol protocol,
      Elicitation elicitation,
      Deadline deadline) {
    this.transport = transport;
    this.peer = peer;
    this.protocol = protocol;
    this.elicitation = elicitation;
    this.deadline = deadline;
    this.listener = Thread.ofVirtual().name("mcp-session-stream").unstarted(InvocationSecrets.bound(this::listen));
  }

  /** Begins to listen. Returns when the stream is open, or when the server has none. */
  static SessionStream open(McpTransport transport, McpTransport.Peer peer, NegotiatedProtocol protocol,
      Elicitation elicitation,
      Deadline deadline) {
    var stream = new SessionStream(transport, peer, protocol, elicitation, deadline);
    stream.listener.start();
    stream.awaitOpen();
    return stream;
  }

  private void listen() {
    try {
      transport.stream(peer, protocol, null, deadline, this::read);
    } catch (Failure e) {
      // The request goes on without this stream. A server that needs a reply on this stream reports its absence itself.
    } finally {
      opened.countDown();
    }
  }

  private boolean read(ResponseHead head, InputStream body) throws IOException {
    opened.countDown();
    if (!EventStream.isIn(head)) return false;
    var stream = new EventStream(body, new EventStream.Place());
    int questions = 0;
    for (var message = stream.next(); message.isPresent(); message = stream.next()) {
      if (!ServerQuestion.isQuestion(message.get())) continue;
      askedTooMuch = questions++ == ServerQuestion.MAX_QUESTIONS;
      if (askedTooMuch) return false;
      transport.reply(peer, message.get(), protocol, elicitation, deadline);
    }
    return true;
  }

  private void awaitOpen() {
    try {
      boolean known = opened.await(deadline.remaining(TO_OPEN).toMillis(), TimeUnit.MILLISECONDS);
      if (!known) listener.interrupt();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the stream was left because the server asked too many questions on it. */
  boolean hasAskedTooMuch() {
    return askedTooMuch;
  }

  /** Hangs up: interrupting a virtual thread while it reads closes its socket. */
  @Override
  public void close() {
    listener.interrupt();
    try {
      listener.join(TO_OPEN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
