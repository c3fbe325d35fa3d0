package social.avatarai.mcp.local;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.Json;

/** Builds the event that API Gateway would build from an HTTP request (HTTP API, payload 2.0). Pure. */
final class ApiEvent {
  private ApiEvent() {}

  /**
   * An HTTP request as it was received.
   *
   * @param rawPath the path, not decoded
   * @param rawQuery the query, not decoded; "" for none
   * @param body in base64
   */
  record Incoming(String method, String rawPath, String rawQuery, Headers headers, String body) {}

  /** The claims that the authorizer would have verified. */
  record Claims(String userClaim, String user, String scope) {}

  static ObjectNode of(Incoming request, Routes.Match match, Claims claims) {
    var event = Json.newObject();
    event.put("version", "2.0");
    event.put("routeKey", match.route().key());
    event.put("rawPath", request.rawPath());
    event.put("rawQueryString", request.rawQuery());
    var cookies = event.putArray("cookies");
    request.headers().getOrDefault("Cookie", List.of())
        .forEach(line -> Arrays.stream(line.split(";", -1)).map(String::strip).forEach(cookies::add));
    var headers = event.putObject("headers");
    request.headers().entrySet().stream().filter(header -> !header.getKey().equalsIgnoreCase("Cookie"))
        .forEach(header -> headers.put(header.getKey().toLowerCase(Locale.ROOT),
            String.join(",", header.getValue())));
    match.variables().forEach(event.putObject("pathParameters")::put);
    context(event.putObject("requestContext"), request, match, claims);
    // API Gateway passes text as text and everything else in base64. Handlers must read both, so both are sent here.
    event.put("body", request.body());
    event.put("isBase64Encoded", true);
    return event;
  }

  private static void context(ObjectNode context, Incoming request, Routes.Match match, Claims claims) {
    context.put("requestId", Unguessable.text().substring(0, 16));
    context.put("routeKey", match.route().key());
    context.put("domainName", String.join("", request.headers().getOrDefault("Host", List.of())));
    context.putObject("http").put("method", request.method()).put("path", request.rawPath());
    context.putObject("authorizer").putObject("jwt").putObject("claims").put(claims.userClaim(), claims.user())
        .put("scope", claims.scope());
  }

  /** The bytes of the request line and the headers, which share one limit of API Gateway. */
  static int headBytes(Incoming request) {
    var lines = new ArrayList<String>();
    lines.add(request.method() + " " + request.rawPath() + "?" + request.rawQuery() + " HTTP/1.1");
    for (Map.Entry<String, List<String>> header : request.headers().entrySet()) {
      header.getValue().forEach(value -> lines.add(header.getKey() + ": " + value));
    }
    return lines.stream().collect(Collectors.summingInt(line -> line.length() + 2));
  }
}
