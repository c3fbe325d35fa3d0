package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** A whole HTTP response. This class is not a record, because the body may hold tokens, which must not be printed. */
public final class HttpResponse {
  private final ResponseHead head;
  private final byte[] body;
  private final boolean ended;

  public HttpResponse(ResponseHead head, byte[] body) {
    this(head, body, true);
  }

  private HttpResponse(ResponseHead head, byte[] body, boolean ended) {
    this.head = head;
    this.body = body.clone();
    this.ended = ended;
  }

  /**
   * Reads the response to a request that may have changed something. If its end is missing, the response is taken
   * nevertheless, if a whole JSON object has arrived: servers send wrong lengths, and connections break at the last
   * moment.
   */
  public static HttpResponse salvaged(ResponseHead head, InputStream body) throws IOException {
    var arrived = new ByteArrayOutputStream();
    try {
      body.transferTo(arrived);
      return new HttpResponse(head, arrived.toByteArray());
    } catch (IOException e) {
      var response = new HttpResponse(head, arrived.toByteArray(), false);
      boolean damaged = e instanceof CodingException coding && coding.isDamaged();
      if (damaged || response.salvaged().object().isEmpty()) throw e;
      return response;
    }
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

  /** Whether the body is JSON that is nested deeper than {@link Json#MAX_DEPTH}. */
  public boolean isTooDeep() {
    return salvaged() instanceof SalvagedJson.TooDeep;
  }

  /**
   * The JSON of a response to a request that may have changed something, whatever the media type claims. Faults around
   * the value are forgiven; see {@link SalvagedJson}.
   */
  public SalvagedJson salvaged() {
    var json = LenientJson.read(body, head.charset());
    if (!(json instanceof SalvagedJson.Value(var value, var faults))) return json;
    var all = EnumSet.noneOf(SalvagedJson.Fault.class);
    all.addAll(faults);
    if (!DecodedBody.codings(head).isEmpty()) all.add(SalvagedJson.Fault.CONTENT_CODING);
    if (!ended) all.add(SalvagedJson.Fault.NO_END);
    return new SalvagedJson.Value(value, Set.copyOf(all));
  }

  @Override
  public String toString() {
    return "HttpResponse[" + head.status() + "]";
  }
}
