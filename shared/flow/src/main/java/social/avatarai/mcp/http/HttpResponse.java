package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** A whole HTTP response. This class is not a record, because the body may hold tokens, which must not be printed. */
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

  /** The body as a JSON object, whatever the media type claims; empty if the body is not a JSON object. */
  public Optional<ObjectNode> object() {
    return Json.object(body);
  }

  /**
   * The JSON of a response to a request that may have changed something, whatever the media type claims. Faults around
   * the value are forgiven; see {@link SalvagedJson}.
   */
  public SalvagedJson salvaged() {
    var json = LenientJson.read(body, head.charset());
    if (!(json instanceof SalvagedJson.Value(var value, var faults)) || DecodedBody.codings(head).isEmpty()) return json;
    var all = EnumSet.of(SalvagedJson.Fault.CONTENT_CODING);
    all.addAll(faults);
    return new SalvagedJson.Value(value, Set.copyOf(all));
  }

  @Override
  public String toString() {
    return "HttpResponse[" + head.status() + "]";
  }
}
