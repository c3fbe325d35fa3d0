package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The response of a fake.
 *
 * <p>The body is sent in the charset and in the content codings that its headers name.
 *
 * @param headers the header lines in the order of sending; a name may be repeated
 */
public record Response(int status, List<Header> headers, String body) {

  private static final Pattern CHARSET = Pattern.compile("charset=([A-Za-z0-9-]+)");

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

  /** The value of a header; "" if there is none. */
  private String header(String name) {
    return headers.stream().filter(header -> header.name().equalsIgnoreCase(name)).map(Header::value)
        .collect(Collectors.joining(", "));
  }

  /** The body as it is sent: in the charset of the content type and in the content codings that the headers name. */
  byte[] bytes() {
    var charset = CHARSET.matcher(header("Content-Type"));
    byte[] bytes = body.getBytes(charset.find() ? Charset.forName(charset.group(1)) : UTF_8);
    for (String coding : header("Content-Encoding").split(",", -1))
      bytes = ContentCodings.apply(coding.strip(), bytes);
    return bytes;
  }
}
