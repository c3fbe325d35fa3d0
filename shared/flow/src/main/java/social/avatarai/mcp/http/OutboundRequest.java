package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.JsonText;

/**
 * A request to another server. This class is not a record, because headers and body hold credentials, which must not be
 * printed.
 */
public final class OutboundRequest {

  /** The maximum size of metadata, registration responses and token responses, in bytes. */
  public static final int MAX_DOCUMENT_BYTES = 256 * 1024;
  private static final Duration MAX_DOCUMENT_TIME = Duration.ofSeconds(10);
  /** The longest time without a head of the response to a GET: a search for metadata asks at several URLs. */
  private static final Duration MAX_GET_SILENCE = Duration.ofSeconds(5);
  /** The same for a POST or DELETE. After this time the outcome is unknown, so the server gets more of it. */
  private static final Duration MAX_POST_SILENCE = Duration.ofSeconds(8);
  /** The headers that a redirected request may carry to another server. Any other header may hold a credential. */
  private static final Set<String> PUBLIC_HEADERS = Set.of("accept", "accept-language", "mcp-protocol-version");

  private final String method;
  private final EndpointUrl url;
  private final Map<String, String> headers;
  private final byte[] body;
  private final Limits limits;
  private final @Nullable ExchangeCut cut;

  private OutboundRequest(String method, EndpointUrl url, Map<String, String> headers, byte[] body, Limits limits) {
    this(method, url, headers, body, limits, null);
  }

  private OutboundRequest(String method, EndpointUrl url, Map<String, String> headers, byte[] body, Limits limits,
      @Nullable ExchangeCut cut) {
    // The key in a server's URL is a credential, and a server may repeat it in an error word.
    InvocationSecrets.noteQuery(url);
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.body = body;
    this.limits = limits;
    this.cut = cut;
  }

  private record Limits(int maxBytes, Duration maxTime, Duration maxSilence, boolean mayBeAborted,
      boolean followsRedirects, boolean keepsConnection, boolean existsOnce) {
    static final Limits GET = new Limits(MAX_DOCUMENT_BYTES, MAX_DOCUMENT_TIME, MAX_GET_SILENCE, true, false, true,
        false);
    static final Limits POST = new Limits(MAX_DOCUMENT_BYTES, MAX_DOCUMENT_TIME, MAX_POST_SILENCE, true, false, true,
        true);
    static final Limits FORM = new Limits(MAX_DOCUMENT_BYTES, MAX_DOCUMENT_TIME, MAX_POST_SILENCE, false, false, false,
        true);

    Limits redirected(boolean followed) {
      return new Limits(maxBytes, maxTime, maxSilence, mayBeAborted, followed, keepsConnection, existsOnce);
    }

    Limits within(int bytes, Duration time) {
      return new Limits(bytes, time, time, mayBeAborted, followsRedirects, keepsConnection, existsOnce);
    }

    Limits closing() {
      return new Limits(maxBytes, maxTime, maxSilence, mayBeAborted, followsRedirects, false, existsOnce);
    }

    Limits existingOnce() {
      return new Limits(maxBytes, maxTime, maxSilence, mayBeAborted, followsRedirects, keepsConnection, true);
    }
  }

  /**
   * A GET for a public document. It carries no credential, so up to three redirects are followed, each checked again.
   */
  public static OutboundRequest document(EndpointUrl url) {
    return new OutboundRequest("GET", url, Map.of("Accept", "application/json"), new byte[0],
        Limits.GET.redirected(true));
  }

  /**
   * A form POST with the parameters in the given order. It is never redirected, because it carries a credential. Its
   * connection is closed afterwards, because TLS would keep the last part of the response, with its tokens, in memory.
   */
  public static OutboundRequest form(EndpointUrl url, Map<String, String> parameters) {
    return new OutboundRequest("POST", url,
        headers("Accept", "application/json", "Content-Type", "application/x-www-form-urlencoded"),
        formBody(parameters).getBytes(UTF_8), Limits.FORM);
  }

  /**
   * The parameters of a {@link #form} as the members of a JSON object, for a server that takes no forms.
   *
   * @param method {@code POST}, or {@code DELETE} with a body
   */
  public static OutboundRequest jsonForm(String method, EndpointUrl url, Map<String, String> parameters) {
    var body = Json.newObject();
    parameters.forEach(body::put);
    return new OutboundRequest(method, url, headers("Accept", "application/json", "Content-Type", "application/json"),
        JsonText.bytes(body), Limits.FORM);
  }

  /** A JSON POST. It is never redirected. */
  public static OutboundRequest json(EndpointUrl url, JsonNode body) {
    return new OutboundRequest("POST", url, headers("Accept", "application/json", "Content-Type", "application/json"),
        JsonText.bytes(body), Limits.POST);
  }

  /** A GET for a stream of server-sent events, which may hold the response to an earlier POST. It is never redirected. */
  public static OutboundRequest eventStream(EndpointUrl url) {
    return new OutboundRequest("GET", url, Map.of("Accept", "text/event-stream"), new byte[0],
        Limits.GET.existingOnce());
  }

  /** A DELETE without a body. It is never redirected. */
  public static OutboundRequest delete(EndpointUrl url) {
    return new OutboundRequest("DELETE", url, Map.of(), new byte[0],
        Limits.POST);
  }

  /**
   * This request with one more header, or with another value for a header. The door itself sets the headers for
   * framing, host and user agent; values for these headers are not sent.
   */
  public OutboundRequest with(String name, String value) {
    var more = new LinkedHashMap<>(headers);
    more.keySet().removeIf(name::equalsIgnoreCase);
    more.put(name, value);
    // The credential of a scheme other than Bearer is a text of its own, such as id and secret in Base64.
    if (name.equalsIgnoreCase("Authorization")) InvocationSecrets.note(value.substring(value.indexOf(' ') + 1));
    return new OutboundRequest(method, url, Collections.unmodifiableMap(more), body,
        limits, cut);
  }

  /**
   * This request with other limits in bytes and time, for a response that is not a document, such as an MCP response. A
   * tool may work for the whole time before its response begins.
   */
  public OutboundRequest within(int bytes, Duration time) {
    return new OutboundRequest(method, url, headers, body, limits.within(bytes, time), cut);
  }

  /** This request without redirects, for a document that must be at exactly this address. */
  public OutboundRequest unredirected() {
    return new OutboundRequest(method, url, headers, body, limits.redirected(false), cut);
  }

  /** This request for a response that hands over secrets, such as that to a registration; see {@link #form}. */
  public OutboundRequest closingConnection() {
    return new OutboundRequest(method, url, headers, body, limits.closing(), cut);
  }

  /** This request as one whose exchange is ended by this cut too. */
  public OutboundRequest endedBy(ExchangeCut by) {
    return new OutboundRequest(method, url, headers, body, limits, by);
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

  Optional<ExchangeCut> cut() {
    return Optional.ofNullable(cut);
  }

  /** Whether the exchange is a stream that a call holds while it sends other requests to the same origin. */
  boolean isHeld() {
    return cut != null;
  }

  /** Whether the request has a body, which may be empty. A DELETE has one where it says something. */
  boolean hasBody() {
    return method.equals("POST") || body.length > 0;
  }

  public int maxBytes() { return limits.maxBytes; }

  /** The maximum time of this exchange, even if the deadline leaves more. */
  public Duration maxTime() {
    return limits.maxTime;
  }

  /** The longest time without a head of the response, even if the exchange may take longer. */
  public Duration maxSilence() {
    return limits.maxSilence;
  }

  /**
   * Whether the exchange may be aborted for the sake of other calls. A form may not: it sends a code or a token that
   * cannot be sent again.
   */
  boolean mayBeAborted() {
    return limits.mayBeAborted;
  }

  /**
   * Whether the content of the response exists once: the request may have changed something, and the response cannot be
   * asked for again. What has arrived of it is read then, although its end or its checksum is missing.
   */
  boolean existsOnce() {
    return limits.existsOnce;
  }

  /** Whether the connection may be used for another exchange. */
  boolean keepsConnection() {
    return limits.keepsConnection;
  }

  /** Whether up to three redirects are followed, each checked again. Only a GET without credentials is redirected. */
  public boolean followsRedirects() {
    return limits.followsRedirects && headers.keySet().stream().map(name -> name.toLowerCase(Locale.ROOT))
        .allMatch(PUBLIC_HEADERS::contains);
  }

  @Override
  public String toString() {
    return method + " " + url.origin();
  }
}
