package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** A whole answer. No record: the body may hold tokens, and it must not print them. */
public final class HttpResponse {
  private final ResponseHead head;
  private final byte[] body;

  public HttpResponse(ResponseHead head, byte[] body) {
    this.head = head;
    this.body = body.clone();
  }

  public ResponseHead head() {
    return head;
  }

  public int status() {
    return head.status();
  }

  public String text() {
    return new String(body, UTF_8);
  }

  /** The body as a JSON object, whatever its media type claims; empty when it is none. */
  public Optional<ObjectNode> object() {
    return Json.object(body);
  }

  @Override
  public String toString() {
    return "Answer[" + head.status() + "]";
  }
}
