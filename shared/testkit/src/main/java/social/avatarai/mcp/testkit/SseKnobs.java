package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How the {@link FakeSseServer} behaves as a server of HTTP+SSE. */
public final class SseKnobs {
  Response postToStream = Response.of(405);
  @Nullable
  Response streamRefusal;
  boolean guardsStream = true;
  boolean guardsPosts = true;
  Function<String, String> opening = id -> "event: endpoint\ndata: /messages?sessionId=" + id + "\n\n";
  boolean endsAfterOpening;
  boolean waitsWithPost;
  final Map<String, Response> refusedPosts = new HashMap<>();
  final Map<String, Response> refusedOnce = new ConcurrentHashMap<>();
  final Map<String, List<ObjectNode>> before = new HashMap<>();
  final Set<String> inBody = new HashSet<>();
  final Set<String> endsAt = new HashSet<>();
  final Set<String> silentAt = new HashSet<>();
  final Map<String, String> verbatim = new HashMap<>();

  /** How the server responds to a POST to the URL of the stream. */
  public SseKnobs postToStream(Response response) {
    postToStream = response;
    return this;
  }

  /** How the server responds to a GET, in place of a stream; null for a stream. */
  public SseKnobs streamRefusal(@Nullable Response response) {
    streamRefusal = response;
    return this;
  }

  /** The stream needs no token. */
  public SseKnobs openStream() {
    guardsStream = false;
    return this;
  }

  /** The messages need no token. */
  public SseKnobs openPosts() {
    guardsPosts = false;
    return this;
  }

  /** The data of the endpoint event, in place of {@code /messages?sessionId=…}. The argument is the session id. */
  public SseKnobs endpoint(Function<String, String> data) {
    return opening(id -> "event: endpoint\ndata: " + data.apply(id) + "\n\n");
  }

  /** The first bytes of the stream, in place of the endpoint event. The argument is the session id. */
  public SseKnobs opening(Function<String, String> text) {
    opening = text;
    return this;
  }

  /** The stream ends behind its first bytes. */
  public SseKnobs endsAfterOpening() {
    endsAfterOpening = true;
    return this;
  }

  /** The response to this method is in the body of the POST, not on the stream. */
  public SseKnobs repliesInBody(String method) {
    inBody.add(method);
    return this;
  }

  /** The POST of a request is never responded to; the response arrives on the stream. */
  public SseKnobs waitsWithPost() {
    waitsWithPost = true;
    return this;
  }

  /** A message with this method is refused in this way; null to take it again. */
  public SseKnobs refusePost(String method, @Nullable Response response) {
    if (response == null) refusedPosts.remove(method);
    else
      refusedPosts.put(method, response);
    return this;
  }

  /** The next message with this method is refused in this way; {@code GET} stands for the next stream. */
  public SseKnobs refuseOnce(String method, Response response) {
    refusedOnce.put(method, response);
    return this;
  }

  /** These messages arrive on the stream before the response to this method. */
  public SseKnobs before(String method, ObjectNode... messages) {
    before.put(method, List.of(messages));
    return this;
  }

  /** This text arrives on the stream in place of the response to this method. */
  public SseKnobs verbatim(String method, String text) {
    verbatim.put(method, text);
    return this;
  }

  /** The stream ends where the response to this method should arrive. */
  public SseKnobs endAt(String method) {
    endsAt.add(method);
    return this;
  }

  /** This method never gets a response. */
  public SseKnobs silentAt(String method) {
    silentAt.add(method);
    return this;
  }
}
