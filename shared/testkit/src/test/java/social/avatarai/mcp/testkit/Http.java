package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import social.avatarai.mcp.http.OutboundRequest;

/** A plain client that sends exactly what the tests contain. Headers are given as name, value, name, value. */
final class Http {
  private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Http() {}

  static HttpResponse<String> get(String url, String... headers) throws IOException, InterruptedException {
    return send("GET", url, "", headers);
  }

  static HttpResponse<String> form(String url, Map<String, String> parameters, String... headers)
      throws IOException, InterruptedException {
    return CLIENT.send(request("POST", url, OutboundRequest.formBody(parameters), headers)
        .header("Content-Type", "application/x-www-form-urlencoded").build(), BodyHandlers.ofString());
  }

  static HttpResponse<String> json(String url, String body, String... headers)
      throws IOException, InterruptedException {
    return CLIENT.send(request("POST", url, body, headers).header("Content-Type", "application/json").build(),
        BodyHandlers.ofString());
  }

  static HttpResponse<String> send(String method, String url, String body, String... headers)
      throws IOException, InterruptedException {
    return CLIENT.send(request(method, url, body, headers).build(), BodyHandlers.ofString());
  }

  static JsonNode body(HttpResponse<String> response) throws IOException {
    return MAPPER.readTree(response.body());
  }

  /** The status of a response and the value of its "error" member. */
  static String error(HttpResponse<String> response) throws IOException {
    return response.statusCode() + " " + body(response).path("error").asText();
  }

  private static HttpRequest.Builder request(String method, String url, String body, String... headers) {
    var request = HttpRequest.newBuilder(URI.create(url))
        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    return headers.length == 0 ? request : request.headers(headers);
  }
}
