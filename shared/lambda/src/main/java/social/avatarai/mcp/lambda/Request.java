package social.avatarai.mcp.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.BrowserKey;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.PublicBase;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.EndpointType;
import social.avatarai.mcp.registration.ClientChoice;
import social.avatarai.mcp.token.Replaceable;

/**
 * A request of API Gateway's HTTP API (payload 2.0), read once. It is no record, because its parameters and cookies
 * hold secrets.
 */
public final class Request {
  /** The most bytes of a body, where the route has no limit of its own. */
  public static final int MAX_BODY_BYTES = 64 * 1024;
  /** The most bytes of a body that carries an MCP request, or the records of an import. */
  public static final int MAX_MCP_BODY_BYTES = 4 * 1024 * 1024;
  static final int MAX_PARAMETER_LENGTH = 8192;
  public static final int DEFAULT_LIST_LIMIT = 50;
  public static final int MAX_LIST_LIMIT = 200;

  private final APIGatewayV2HTTPEvent event;
  private final Settings settings;
  private final Deadline deadline;
  private final RouteLimits limits;
  private byte @Nullable [] body;
  private @Nullable Parameters parameters;

  Request(APIGatewayV2HTTPEvent event, Settings settings, Deadline deadline, RouteLimits limits) {
    this.event = event;
    this.settings = settings;
    this.deadline = deadline;
    this.limits = limits;
  }

  /**
   * What a route takes.
   *
   * @param maxBodyBytes the most bytes of its body
   * @param bodyParameters the parameters that a JSON body may carry in place of the query
   */
  public record RouteLimits(int maxBodyBytes, Set<String> bodyParameters) {
    public RouteLimits {
      bodyParameters = Set.copyOf(bodyParameters);
    }
  }

  public String method() {
    return method(event);
  }

  static String method(APIGatewayV2HTTPEvent event) {
    var context = event.getRequestContext();
    String method = context == null || context.getHttp() == null ? null : context.getHttp().getMethod();
    return Objects.requireNonNullElse(method, "GET").toUpperCase(Locale.ROOT);
  }

  public String path() {
    return text(event.getRawPath());
  }

  /** The verified caller, who has the scope that every protected route demands. */
  public Caller caller() {
    return Identity.of(event, settings);
  }

  /** The base URL and the deadline of this invocation. */
  public Invocation invocation() {
    return new Invocation(base(), deadline);
  }

  public Deadline deadline() {
    return deadline;
  }

  /** A parameter. A request without it fails. */
  public String required(String name) {
    return optional(name).orElseThrow(() -> bad("Parameter " + name + " is missing."));
  }

  /** A parameter that may be absent. An empty value fails: its sender must have meant something else. */
  public Optional<String> optional(String name) {
    var value = parameters().requireAllSound().find(name);
    if (value.filter(String::isEmpty).isPresent()) throw bad("Parameter " + name + " is empty.");
    return checked(name, value);
  }

  /**
   * A parameter of an authorization response. An empty value counts as absent, and parameters that are not read are
   * ignored however often they occur and whatever is wrong with them; one that is read must occur once (RFC 6749 §3.1,
   * §4.1.2).
   */
  public Optional<String> ofAuthorizationResponse(String name) {
    return checked(name, parameters().find(name).filter(value -> !value.isEmpty()));
  }

  private static Optional<String> checked(String name, Optional<String> value) {
    if (value.filter(v -> v.length() > MAX_PARAMETER_LENGTH).isPresent()) throw tooLong(name, MAX_PARAMETER_LENGTH);
    return value;
  }

  /** A parameter that is an https URL. A request without it fails. */
  public EndpointUrl url(String name) {
    String text = shortEnough(name, required(name));
    EndpointType.requireNoWebSocket(name, text);
    return EndpointUrl.ofParameter(name, text);
  }

  /** A parameter that is an issuer. A request without it fails. */
  public Issuer issuer(String name) {
    return Issuer.ofParameter(name, shortEnough(name, required(name)));
  }

  /** A parameter that is an issuer and may be absent. */
  public Optional<Issuer> optionalIssuer(String name) {
    return optional(name).map(url -> Issuer.ofParameter(name, shortEnough(name, url)));
  }

  /** What {@code start-authorization} names for the flow that it starts. */
  public AuthorizationStart start() {
    var issuer = issuer("auth_server_url");
    var client = ClientId.ofParameter("client_id", required("client_id"));
    var scope = optional("scope").map(text -> Scopes.ofParameter("scope", text)).orElse(null);
    return consent().at(issuer).as(ClientChoice.of(client)).requesting(scope);
  }

  /** What every request that may start a flow names: the browser, {@code return_to} and {@code replace}. */
  public AuthorizationStart consent() {
    var start = AuthorizationStart.fresh().returningTo(optional("return_to").orElse(null)).replacing(replaceable());
    return browserKey().map(start::in).orElse(start);
  }

  /** What the new grant may replace, from the parameter {@code replace}. */
  public Replaceable replaceable() {
    return switch (optional("replace").orElse("false")) {
      case "true" -> new Replaceable.AnyIssuer();
      case "false" -> new Replaceable.SameIssuer();
      default -> throw bad("Parameter replace must be true or false.");
    };
  }

  /** A variable of the path. */
  public Optional<String> pathParameter(String name) {
    var variables = event.getPathParameters();
    return Optional.ofNullable(variables == null ? null : variables.get(name));
  }

  /**
   * The connection that a variable of the path names. The colon of an {@code r:} id may arrive percent-encoded. An id
   * never holds a percent sign, so this is not ambiguous.
   */
  public ConnectionId connection(String variable) {
    String value = pathParameter(variable).orElse("");
    return ConnectionId.ofParameter(variable, value.replace("%3A", ":").replace("%3a", ":"));
  }

  /**
   * How many entries of a list the caller asks for: {@value #DEFAULT_LIST_LIMIT} without the parameter {@code limit}.
   */
  public int limit() {
    String value = optional("limit").orElse(Integer.toString(DEFAULT_LIST_LIMIT));
    int limit = value.matches("[0-9]{1,3}") ? Integer.parseInt(value) : 0;
    if (limit >= 1 && limit <= MAX_LIST_LIMIT) return limit;
    throw bad("Parameter limit must be a number from 1 to " + MAX_LIST_LIMIT + ".");
  }

  /** The server record that the path names. */
  public ConnectionId mcpId() {
    return ConnectionId.ofMcpId("mcpId", pathParameter("mcpId").orElse(""));
  }

  /** The body as a JSON object. It is empty when the request has no body or a form, which holds parameters only. */
  public ObjectNode jsonBody() {
    byte[] bytes = body();
    if (bytes.length == 0 || isForm()) return Json.newObject();
    return Json.object(bytes).orElseThrow(() -> bad(Json.fault(bytes)));
  }

  /** A body that is a document. A form would be a mistake: the route takes no parameters in one. */
  public ObjectNode jsonDocument() {
    requireNoForm();
    return jsonBody();
  }

  /** A JSON body that holds documents, each of which may be too deep: the flow judges them one by one. */
  public ObjectNode jsonBodyOfDocuments() {
    requireNoForm();
    byte[] bytes = body();
    if (bytes.length == 0) return Json.newObject();
    return Json.objectOfDocuments(bytes).orElseThrow(() -> bad(Json.faultOfDocuments(bytes)));
  }

  private void requireNoForm() {
    if (isForm()) throw bad("The body has the content type of a form: send JSON with Content-Type: application/json.");
  }

  /** The body as it is. */
  public byte[] rawBody() {
    return body().clone();
  }

  /** The body as any JSON value, for a response to a request that has failed; empty where it cannot be read. */
  public Optional<JsonNode> readableBody() {
    try {
      return Json.value(body());
    } catch (Failure e) {
      return Optional.empty();
    }
  }

  /**
   * Refuses a page of another origin (MCP, basic/transports, security: Origin). A request without the header comes from
   * a program. The origins that may call are ours and those in {@code CORS_ORIGINS}.
   */
  public void requireKnownOrigin() {
    String origin = header("origin").orElse("");
    if (origin.isEmpty() || base().value().equals(origin) || settings.corsOrigins().contains(origin)) return;
    throw new Failure.NotPermitted(ErrorCode.FORBIDDEN, "Pages of this origin may not call this API.");
  }

  /** Whether a browser sends this request. Browsers get pages, not JSON. */
  public boolean isFromBrowser() {
    return header("accept").filter(accept -> accept.contains("text/html")).isPresent();
  }

  /** Whether a browser only fetches ahead. Such a request must not consume anything. */
  public boolean isPrefetch() {
    return header("sec-purpose").or(() -> header("purpose")).filter(purpose -> purpose.contains("prefetch"))
        .isPresent();
  }

  /** The key in the browser's cookie. */
  public Optional<BrowserKey> browserKey() {
    return BrowserCookie.read(Objects.requireNonNullElse(event.getCookies(), List.of()), header("cookie"), base());
  }

  /** Whether browsers reach this API over https: always, except at a local runner. */
  boolean isHttps() {
    var configured = settings.publicBase();
    return configured == null || configured.isHttps();
  }

  PublicBase base() {
    var configured = settings.publicBase();
    if (configured != null) return configured;
    var context = event.getRequestContext();
    return new PublicBase("https://" + text(context == null ? null : context.getDomainName()));
  }

  /** A header; the values of one that was sent twice are joined by commas. */
  public Optional<String> header(String name) {
    // API Gateway sends header names in lower case. Test tools do not always.
    if (event.getHeaders() == null) return Optional.empty();
    for (var header : event.getHeaders().entrySet())
      if (header.getKey().equalsIgnoreCase(name)) return Optional.ofNullable(header.getValue());
    return Optional.empty();
  }

  private static String text(@Nullable String value) {
    return Objects.requireNonNullElse(value, "");
  }

  /** Parsed on first use: the caller is verified before the body is read. */
  private Parameters parameters() {
    if (parameters == null) {
      parameters = new Parameters().addEncoded(text(event.getRawQueryString()));
      if (isForm()) parameters.addEncoded(new String(body(), UTF_8));
      else if (!limits.bodyParameters().isEmpty()) parameters.addTexts(jsonBody(), limits.bodyParameters());
    }
    return parameters;
  }

  private byte[] body() {
    if (body == null) body = body(event, limits.maxBodyBytes());
    return body;
  }

  private boolean isForm() {
    return header("content-type").orElse("").toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded");
  }

  private static String shortEnough(String name, String url) {
    if (url.length() <= EndpointUrl.MAX_LENGTH) return url;
    throw tooLong(name, EndpointUrl.MAX_LENGTH);
  }

  private static Failure tooLong(String name, int most) {
    return bad("Parameter " + name + " is longer than " + most + " characters.");
  }

  private static Failure bad(String message) {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST, message);
  }

  private static byte[] body(APIGatewayV2HTTPEvent event, int maxBytes) {
    String text = text(event.getBody());
    byte[] bytes = event.getIsBase64Encoded() ? decode(text) : text.getBytes(UTF_8);
    if (bytes.length <= maxBytes) return bytes;
    throw new Failure.BadRequest(ErrorCode.BODY_TOO_LARGE, "The body is over " + maxBytes + " bytes.");
  }

  private static byte[] decode(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw bad("The body is not base64.");
    }
  }
}
