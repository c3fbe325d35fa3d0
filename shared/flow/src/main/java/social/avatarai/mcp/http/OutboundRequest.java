package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import social.avatarai.mcp.EndpointUrl;

/**
 * A request to another server. This class is not a record, because headers and body hold credentials, which must not be
 * printed.
 */
public final class OutboundRequest {

  /** The maximum size of metadata, registration responses and token responses, in bytes. */
  public static final int MAX_DOCUMENT_BYTES = 256 * 1024;
  private static final Duration MAX_DOCUMENT_TIME = Duration.ofSeconds(10);
  /** The headers that a redirected request may carry to another server. Any other header may hold a credential. */
  private static final Set<String> PUBLIC_HEADERS = Set.of("accept", "accept-language", "mcp-protocol-version");

  private final String method;
  private final EndpointUrl url;
  private final Map<String, String> headers;
  private final byte[] body;
  private final int maxBytes;
  private final Duration maxTime;
  private final boolean followsRedirects;

  private OutboundRequest(String method, EndpointUrl url, Map<String, String> headers, byte[] body, Limits limits) {
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.body = body;
    this.maxBytes = limits.maxBytes();
    this.maxTime = limits.maxTime();
    this.followsRedirects = limits.followsRedirects();
  }

  private record Limits(int maxBytes, Duration maxTime, boolean followsRedirects) {}

  /**
   * A GET for a public document. It carries no credential, so up to three redirects are followed, each checked again.
   */
  public static OutboundRequest document(EndpointUrl url) {
    return new OutboundRequest("GET", url, Map.of("Accept", "application/json"), new byte[0],
        new Limits(MAX_DOCUMENT_BYTES, MAX_DOCUMENT_TIME, true));
  }

  /** A form POST with the parameters in the given order. It is never redirected, because it carries a credential. */
  public static OutboundRequest form(EndpointUrl url, Map<String, String> parameters) {
    return new OutboundRequest("POST", url,
        headers("Accept", "application/json", "Content-Type", "application/x-www-form-urlencoded"),
        formBody(parameters).getBytes(UTF_8), new Limits(MAX_DOCUMENT_BYTES, MAX_DOCUMENT_TIME, false));
  }

  /** A JSON POST. It is never redirected. */
  public static OutboundRequest json(EndpointUrl url, JsonNode body) {
    return new OutboundRequest("POST", url, headers("Accept", "application/json", "Content-Type", "application/json"),
        body.toString().getBytes(UTF_8), new Limits(MAX_DOCUMENT_BYTES, MAX_DOCUMENT_TIME, false));
  }

  /** A GET for a stream of server-sent events. It is never redirected. */
  public static OutboundRequest eventStream(EndpointUrl url) {
    return new OutboundRequest("GET", url, Map.of("Accept", "text/event-stream"), new byte[0],
        new Limits(MAX_DOCUMENT_BYTES, MAX_DOCUMENT_TIME, false));
  }

  /** A DELETE without a body. It is never redirected. */
  public static OutboundRequest delete(EndpointUrl url) {
    return new OutboundRequest("DELETE", url, Map.of(), new byte[0],
        new Limits(MAX_DOCUMENT_BYTES, MAX_DOCUMENT_TIME, false));
  }

  /**
   * This request with one more header, or with another value for a header. The door itself sets the headers for
   * framing, host and user agent; values for these headers are not sent.
   */
  public OutboundRequest with(String name, String value) {
    var more = new LinkedHashMap<>(headers);
    more.keySet().removeIf(name::equalsIgnoreCase);
    more.put(name, value);
    return new OutboundRequest(method, url, Collections.unmodifiableMap(more), body,
        new Limits(maxBytes, maxTime, followsRedirects));
  }

  /**
   * This request with other limits in bytes and time, for a response that is not a document, such as an MCP response.
   */
  public OutboundRequest within(int bytes, Duration time) {
    return new OutboundRequest(method, url, headers, body, new Limits(bytes, time, followsRedirects));
  }

  /** This request without redirects, for a document that must be at exactly this address. */
  public OutboundRequest unredirected() {
    return new OutboundRequest(method, url, headers, body, new Limits(maxBytes, maxTime, false));
  }

  /** The parameters as {@code application/x-www-form-urlencoded} (RFC 6749 appendix B). */
  public static String formBody(Map<String, String> parameters) {
    return parameters.entrySet().stream().map(p -> formEncode(p.getKey()) + "=" + formEncode(p.getValue()))
        .collect(Collectors.joining("&"));
  }

  public static String formEncode(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  private static Map<String, String> headers(String... namesAndValues) {
    var headers = new LinkedHashMap<String, String>();
    for (int i = 0; i < namesAndValues.length; i += 2)
      headers.put(namesAndValues[i], namesAndValues[i + 1]);
    return Collections.unmodifiableMap(headers);
  }

  public String method() { return method; }

  public EndpointUrl url() { return url; }

  public Map<String, String> headers() { return headers; }

  public byte[] body() { return body.clone(); }

  public int maxBytes() { return maxBytes; }

  /** The maximum time of this exchange, even if the deadline leaves more. */
  public Duration maxTime() {
    return maxTime;
  }

  /** Whether up to three redirects are followed, each checked again. Only a GET without credentials is redirected. */
  public boolean followsRedirects() {
    return followsRedirects && headers.keySet().stream().map(name -> name.toLowerCase(Locale.ROOT))
        .allMatch(PUBLIC_HEADERS::contains);
  }

  @Override
  public String toString() {
    return method + " " + url.origin();
  }
}
