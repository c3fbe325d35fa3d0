package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.http.ExchangeCut;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.ResponseHead;

/**
 * The POST of one request over HTTP+SSE. It is sent on a thread of its own, because the response arrives on the stream,
 * and some servers end the POST only after that. Where the POST itself is refused or lost, no response will come on the
 * stream: then the post ends the stream.
 */
final class SsePost implements AutoCloseable {
  /** The time for the end of the POST once the response has arrived on the stream. */
  private static final Duration MAX_AFTER_RESPONSE = Duration.ofMillis(250);

  private final ExchangeCut stream;
  private final Thread sender;
  private @Nullable McpResponse response;
  private @Nullable Failure failure;
  private boolean isOver;

  /** Sends the message, and hands the response to the reader. */
  @FunctionalInterface
  interface Sender {
    Optional<McpResponse> send(Outbound.ResponseReader<Optional<McpResponse>> reader);
  }

  private SsePost(Sender post, Outbound.ResponseReader<Optional<McpResponse>> reader, ExchangeCut stream) {
    this.stream = stream;
    this.sender = Thread.ofVirtual().name("mcp-sse-post").unstarted(InvocationSecrets.bound(() -> send(post, reader)));
  }

  /**
   * Begins to send a request.
   *
   * @param stream ends the stream on which the response is awaited
   */
  static SsePost begin(Sender post, Outbound.ResponseReader<Optional<McpResponse>> reader, ExchangeCut stream) {
    var begun = new SsePost(post, reader, stream);
    begun.sender.start();
    return begun;
  }

  private void send(Sender post, Outbound.ResponseReader<Optional<McpResponse>> reader) {
    try {
      post.send(reader).ifPresent(brought -> end(brought, McpFailures.refusedPost()));
    } catch (Failure e) {
      end(null, e);
    }
  }

  /** What happens to the POST after the response has arrived does not matter any more. */
  private synchronized void end(@Nullable McpResponse brought, Failure why) {
    if (isOver) return;
    response = brought;
    failure = brought == null ? why : null;
    stream.now(why);
  }

  /** What the POST itself brought in place of a response on the stream; empty where it brought nothing. */
  synchronized Optional<McpResponse> response() {
    return Optional.ofNullable(response);
  }

  /** Why the POST did not reach the server, or was lost; empty where that is not so. */
  synchronized Optional<Failure> failure() {
    return Optional.ofNullable(failure);
  }

  /** Gives a POST whose response has arrived, or can no longer arrive, a moment to end. */
  void await() {
    try {
      sender.join(MAX_AFTER_RESPONSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Hangs up: interrupting a virtual thread while it reads closes its socket. */
  @Override
  public void close() {
    await();
    synchronized (this) {
      isOver = true;
    }
    sender.interrupt();
  }

  /**
   * Reads the response to a POST: a refusal, or the JSON-RPC response, which some servers send there. Empty where the
   * server has taken the message, as it should with 202.
   *
   * @param judge the response that a JSON-RPC response in the body stands for; empty where that does not count
   * @param refused makes a refusal of the status and of what the body says
   */
  static Optional<McpResponse> read(ResponseHead head, InputStream body, long id,
      Function<ObjectNode, Optional<McpResponse>> judge, Function<JsonNode, McpResponse> refused) throws IOException {
    var denied = Refusal.denied(head);
    if (denied.isPresent()) return denied;
    var whole = new HttpResponse(head, body.readAllBytes());
    var messages = JsonRpcMessages.of(whole);
    var own = messages.response(id).filter(message -> head.isSuccess() || message.hasNonNull("error")).flatMap(judge);
    if (own.isPresent() || head.isSuccess()) return own;
    return Optional.of(refused.apply(messages.errorWithoutId().map(message -> message.get("error"))
        .orElseGet(() -> McpExchange.shortened(whole.text()))));
  }
}
