package social.avatarai.mcp.lambda;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.BrowserKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.http.Json;

/**
 * A response for API Gateway (payload 2.0). Its headers forbid caching, content sniffing and a referrer. Secrets of the
 * invocation are taken out of a JSON body, except those that it hands over. It is no record, because its body may hold
 * tokens.
 */
public final class Reply {
  /**
   * RFC 6797 §6.1, for a year. Subdomains are left out: they may belong to someone else, or still be served over http.
   */
  private static final String HTTPS_ONLY = "max-age=31536000";
  private static final String PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
      + "base-uri 'none'; form-action 'none'";

  private final int status;
  private final Map<String, String> headers;
  private final String body;
  private final @Nullable BrowserKey browserKey;
  private final @Nullable Instant retryAt;

  private Reply(int status, Map<String, String> headers, String body) {
    this(status, headers, body, null, null);
  }

  private Reply(int status, Map<String, String> headers, String body, @Nullable BrowserKey browserKey,
      @Nullable Instant retryAt) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.browserKey = browserKey;
    this.retryAt = retryAt;
  }

  public static Reply ok(JsonNode body) {
    return json(200, body);
  }

  /**
   * 200 with secrets that are for the caller: these members are sent as they are. Secrets are taken out of everything
   * else.
   */
  static Reply handingOver(ObjectNode body, Set<String> secretMembers) {
    var clean = Json.newObject();
    body.properties().forEach(member -> {
      if (secretMembers.contains(member.getKey())) clean.set(member.getKey(), member.getValue());
      else
        clean.set(InvocationSecrets.scrub(member.getKey()), InvocationSecrets.scrub(member.getValue()));
    });
    return new Reply(200, headers("Content-Type", "application/json"), JsonText.of(clean));
  }

  /** 200 with the whole response of an authorization server to a registration (RFC 7591 §3.2.1, RFC 7592 §3). */
  public static Reply registered(ObjectNode response) {
    return handingOver(response, Set.of("client_secret", "registration_access_token"));
  }

  /** 202: the work has begun, and the caller should call again. */
  public static Reply accepted(JsonNode body) {
    return json(202, body);
  }

  /** 202 without a body: a message was taken that has no response. */
  public static Reply taken() {
    return new Reply(202, headers("", ""), "");
  }

  /** 405 (RFC 9110 §15.5.6). */
  public static Reply methodNotAllowed(String allowed) {
    return new Reply(405, headers("Allow", allowed), "");
  }

  /** A JSON-RPC message, with the status that the MCP specification demands. */
  public static Reply rpc(int status, JsonNode message) {
    return json(status, message);
  }

  /**
   * A failure of a request of an MCP client, as a JSON-RPC error. Its code is the HTTP status of the failure, and {@code
   * data} has the members of every other error of this API.
   *
   * <p>Where a server is at fault, the HTTP status is 200: to older MCP clients, a gateway's status ends everything, and
   * the failure of one request must not.
   *
   * @param id the id of the request; null where it could not be read
   */
  public static Reply rpcError(Failure failure, @Nullable JsonNode id) {
    int code = HttpStatus.of(failure.code());
    var message = Json.newObject().put("jsonrpc", "2.0");
    if (id != null) message.set("id", id);
    message.putObject("error").put("code", code).put("message", failure.safeMessage()).set("data",
        errorBody(failure.code(), failure.safeMessage()).setAll(members(failure)));
    var reply = json(id != null && isOfServer(code) ? 200 : code, message);
    return new Reply(reply.status, reply.headers, reply.body, null, failure.retryAt().orElse(null));
  }

  private static boolean isOfServer(int status) {
    return status == 502 || status == 504;
  }

  public static Reply noContent() {
    return new Reply(204, headers("", ""), "");
  }

  /** A public document, which caches may keep for five minutes. */
  public static Reply document(JsonNode body) {
    var headers = headers("Content-Type", "application/json");
    headers.put("Cache-Control", "public, max-age=300");
    return new Reply(200, headers, JsonText.of(body));
  }

  /** A page of ours: it has no script, loads nothing, and cannot be framed. */
  public static Reply page(int status, String html) {
    var headers = headers("Content-Type", "text/html; charset=utf-8");
    headers.put("Content-Security-Policy", PAGE_POLICY);
    headers.put("X-Frame-Options", "DENY");
    return new Reply(status, headers, html);
  }

  /** 303: the browser continues with a GET, and the URL of its request leaves the history. */
  public static Reply seeOther(String location) {
    return new Reply(303, headers("Location", location), "");
  }

  public static Reply error(ErrorCode code, String description) {
    return json(HttpStatus.of(code), errorBody(code, description));
  }

  /** An error with more members, such as the scopes that are needed. */
  public static Reply error(ErrorCode code, String description, ObjectNode more) {
    return json(HttpStatus.of(code), errorBody(code, description).setAll(more));
  }

  /**
   * A failure. It names {@code upstream_status} where a server's status was seen, and {@code retry_at} and {@code
   * Retry-After} where the time for another try is known.
   */
  public static Reply error(Failure failure) {
    var reply = error(failure.code(), failure.safeMessage(), members(failure));
    return new Reply(reply.status, reply.headers, reply.body, null, failure.retryAt().orElse(null));
  }

  private static ObjectNode members(Failure failure) {
    var more = Json.newObject();
    failure.upstreamStatus().ifPresent(seen -> more.put("upstream_status", seen));
    failure.retryAt().ifPresent(moment -> more.put("retry_at", moment.toString()));
    return more;
  }

  /** A failure with the server's JSON-RPC error in {@code upstream}. The server controls this text. */
  public static Reply error(Failure failure, JsonNode upstream) {
    return error(failure.code(), failure.safeMessage(), members(failure).set("upstream", upstream));
  }

  public static int statusOf(ErrorCode code) {
    return HttpStatus.of(code);
  }

  /** The same response with one more header. */
  public Reply with(String header, String value) {
    var more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Reply(status, more, body, browserKey, retryAt);
  }

  /** The same response, which also stores this key in the browser. */
  public Reply withBrowserKey(BrowserKey key) {
    return new Reply(status, headers, body, key, retryAt);
  }

  int status() {
    return status;
  }

  /** The response as API Gateway takes it. */
  APIGatewayV2HTTPResponse response(Request request, Instant now) {
    var response = new APIGatewayV2HTTPResponse();
    response.setStatusCode(status);
    var all = new LinkedHashMap<>(headers);
    if (request.isHttps()) all.put("Strict-Transport-Security", HTTPS_ONLY);
    if (retryAt != null) all.put("Retry-After", Long.toString(secondsUntil(retryAt, now)));
    response.setHeaders(all);
    if (browserKey != null) response.setCookies(List.of(BrowserCookie.write(browserKey, request.base())));
    response.setBody(body);
    response.setIsBase64Encoded(false);
    return response;
  }

  /** Rounded up: a client that comes back at the very second must not be early. */
  private static long secondsUntil(Instant moment, Instant now) {
    return Math.max(0, Duration.between(now, moment).plusMillis(999).toSeconds());
  }

  /** A server may have written a secret into any part of a body. */
  private static Reply json(int status, JsonNode body) {
    return new Reply(status, headers("Content-Type", "application/json"), InvocationSecrets.scrubbedJson(body));
  }

  private static ObjectNode errorBody(ErrorCode code, String description) {
    return Json.newObject().put("error", code.wireName()).put("error_description", description).put("request_id",
        Journal.requestId());
  }

  private static Map<String, String> headers(String name, String value) {
    var headers = new LinkedHashMap<String, String>();
    if (!name.isEmpty()) headers.put(name, value);
    headers.put("Cache-Control", "no-store");
    headers.put("Referrer-Policy", "no-referrer");
    headers.put("X-Content-Type-Options", "nosniff");
    return headers;
  }
}
