package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The response of a fake.
 *
 * @param headers the header lines in the order of sending; a name may be repeated
 */
public record Response(int status, List<Header> headers, String body) {

  /** No response: the connection is closed instead. */
  public static final Response NONE = new Response(0, List.of(), "");

  /** One header line. */
  public record Header(String name, String value) {}

  public Response {
    headers = List.copyOf(headers);
  }

  /** A response with only a status. */
  public static Response of(int status) {
    return new Response(status, List.of(), "");
  }

  public static Response json(int status, JsonNode body) {
    return of(status).body("application/json", body.toString());
  }

  /** An error in the form of RFC 6749 §5.2, without a description. */
  public static Response error(int status, String error) {
    return json(status, new Refusal(status, error, "").body());
  }

  public static Response html(int status, String page) {
    return of(status).body("text/html; charset=utf-8", page);
  }

  public static Response redirect(int status, String location) {
    return of(status).with("Location", location);
  }

  public Response with(String name, String value) {
    var more = new ArrayList<>(headers);
    more.add(new Header(name, value));
    return new Response(status, more, body);
  }

  public Response body(String contentType, String text) {
    return new Response(status, headers, text).with("Content-Type", contentType);
  }
}
