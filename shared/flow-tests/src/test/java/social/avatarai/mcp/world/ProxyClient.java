package social.avatarai.mcp.world;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.proxy.ClientMessage;
import social.avatarai.mcp.proxy.MessageHeaders;
import social.avatarai.mcp.proxy.ProxyCall;
import social.avatarai.mcp.proxy.ProxyOutcome;

/** A client that speaks MCP of one version with the proxy of a connection, as its specification demands. */
public final class ProxyClient {
  public static final String MODERN = "2026-07-28";
  private static final String META = "io.modelcontextprotocol/";

  private final Flow flow;
  private final Caller caller;
  private final ConnectionId connection;
  private final String version;
  private @Nullable String session;
  private int sent;

  public ProxyClient(GrantWorld world, Caller caller, String version) {
    this(world.flow, caller, world.connection(), version);
  }

  /** A client at any connection of the user. */
  public ProxyClient(Flow flow, Caller caller, ConnectionId connection, String version) {
    this.flow = flow;
    this.caller = caller;
    this.connection = connection;
    this.version = version;
  }

  public @Nullable String session() {
    return session;
  }

  public ProxyClient in(@Nullable String otherSession) {
    session = otherSession;
    return this;
  }

  private boolean isModern() { return version.equals(MODERN); }

  public ConnectionKey connection() {
    return new ConnectionKey(caller.user(), connection);
  }

  public static ObjectNode params(String name, String value) {
    return Json.newObject().put(name, value);
  }

  public static ObjectNode call(String tool) {
    var params = params("name", tool);
    params.putObject("arguments").put("message", "hello");
    return params;
  }

  /** The first request of a client. */
  public ProxyOutcome.Message begin() {
    var params = Json.newObject();
    if (isModern()) return message(send("server/discover", params));
    params.put("protocolVersion", version).putObject("capabilities").putObject("sampling");
    params.putObject("clientInfo").put("name", "test").put("version", "1");
    var begun = message(send("initialize", params));
    session = begun.session();
    return begun;
  }

  /** The result of a request that succeeds. */
  public JsonNode result(String method, @Nullable ObjectNode params) {
    var body = message(send(method, params)).body();
    if (!body.has("result")) throw new AssertionError("no result, but " + body);
    return body.path("result");
  }

  public ProxyOutcome send(String method, @Nullable ObjectNode params) {
    return send(request(method, params));
  }

  /** A request as a client of this version sends it. */
  public ObjectNode request(String method, @Nullable ObjectNode params) {
    var message = Json.newObject().put("jsonrpc", "2.0").put("id", "request-" + sent++).put("method", method);
    var whole = params == null ? Json.newObject() : params.deepCopy();
    if (isModern()) {
      var meta = whole.withObject("_meta");
      meta.put(META + "protocolVersion", version);
      meta.putObject(META + "clientInfo").put("name", "test").put("version", "1");
      var capabilities = meta.withObject(META + "clientCapabilities");
      capabilities.putObject("elicitation");
      capabilities.putObject("sampling");
      capabilities.putObject("roots");
    }
    return message.set("params", whole);
  }

  public ProxyOutcome send(JsonNode message) {
    return sendWith(headers(message), message.toString());
  }

  public MessageHeaders headers(JsonNode message) {
    boolean isFirst = message.path("method").asText().equals("initialize");
    return new MessageHeaders("application/json, text/event-stream", "application/json", isFirst ? null : version,
        isModern() ? message.path("method").asText() : null, isModern() ? name(message) : null,
        isFirst ? null : session);
  }

  /** MCP 2026-07-28, streamable HTTP, standard request headers; for tasks SEP-2663, routing headers. */
  private static @Nullable String name(JsonNode message) {
    JsonNode params = message.path("params");
    return Stream.of("name", "uri", "taskId").map(params::path).filter(JsonNode::isTextual).findFirst()
        .map(JsonNode::textValue).orElse(null);
  }

  public ProxyOutcome sendWith(MessageHeaders headers, String body) {
    return sendWith(headers, body, GrantWorld.inTime());
  }

  /** The same in an invocation that has only this time. */
  public ProxyOutcome sendIn(Duration time, JsonNode message) {
    return sendWith(headers(message), message.toString(), Deadline.in(time));
  }

  private ProxyOutcome sendWith(MessageHeaders headers, String body, Deadline deadline) {
    var call = new ProxyCall(connection(), headers, ClientMessage.of(body.getBytes(UTF_8)));
    return flow.proxied(caller, call, deadline);
  }

  public ProxyOutcome end() {
    return flow.endProxySession(connection(), new MessageHeaders(null, null, version, null, null, session));
  }

  public static ProxyOutcome.Message message(ProxyOutcome outcome) {
    if (outcome instanceof ProxyOutcome.Message message) return message;
    throw new AssertionError("no message, but " + outcome);
  }
}
