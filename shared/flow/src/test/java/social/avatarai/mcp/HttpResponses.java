package social.avatarai.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.ResponseHead;

/** HTTP responses as servers send them. JSON is written with single quotes, so that it is readable in Java. */
public final class HttpResponses {
  private HttpResponses() {}

  public static HttpResponse json(int status, String singleQuoted) {
    return typed(status, "application/json", singleQuoted.replace('\'', '"'));
  }

  public static HttpResponse html(int status) {
    return typed(status, "text/html", "<!doctype html><title>An application</title>");
  }

  public static HttpResponse typed(int status, String mediaType, String body) {
    return with(status, Map.of("content-type", mediaType), body);
  }

  public static HttpResponse with(int status, Map<String, String> headers, String body) {
    var lists = new TreeMap<String, List<String>>();
    headers.forEach((name, value) -> lists.put(name, List.of(value)));
    return new HttpResponse(new ResponseHead(status, lists), body.getBytes(UTF_8));
  }

  public static ObjectNode object(String singleQuoted) {
    return Json.object(singleQuoted.replace('\'', '"').getBytes(UTF_8)).orElseThrow();
  }
}
