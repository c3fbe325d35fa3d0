package social.avatarai.mcp.testkit;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The ways in which a {@link FakeMcpServer} differs from a conformant server. Without any knob it follows MCP
 * 2025-11-25, RFC 9728 and RFC 6750.
 */
public final class McpServerKnobs {
  static final String WELL_KNOWN = "/.well-known/oauth-protected-resource";

  String path = "/mcp";
  List<String> protocolVersions = List.of("2025-11-25", "2025-06-18", "2025-03-26");
  int versionRefusals;
  int questions = 1;
  boolean brokenTool;
  boolean asksAnyClient;
  @Nullable
  String ownResultType;
  boolean sessions = true;
  boolean sessionsEndWithToken;
  boolean oneSessionPerUser;
  Rejection unknownSession = Rejection.withoutId(404, -32001, "Session not found");
  Rejection missingSession = Rejection.withoutId(400, -32000, "Bad Request: Mcp-Session-Id is missing");
  @Nullable
  Rejection unknownVersion;
  boolean listsVersions;
  boolean batches;
  boolean integerIdsOnly;
  IdEcho idEcho = IdEcho.AS_SENT;
  final Map<String, Rejection> refusedMethods = new HashMap<>();
  @Nullable
  Response sessionEndResponse;
  @Nullable
  CountDownLatch sessionEndLatch;
  @Nullable
  Set<StreamFeature> eventStream;

  int statusWithoutToken = 401;
  boolean challenges = true;
  boolean namesMetadata = true;
  @Nullable
  String metadataUrl;
  @Nullable
  String challengeScope;
  List<String> schemesBefore = List.of();
  List<String> verbatimChallenges = List.of();
  final Set<String> methodsWithoutToken = new HashSet<>();
  String requiredHeader = "";
  List<String> requiredValues = List.of();
  boolean takesTokens = true;
  final Map<String, String> requiredScopes = new HashMap<>();

  List<String> metadataPaths = List.of();
  boolean metadataAnywhere;
  boolean echoesResource;
  String tokenPattern = ".*";
  @Nullable
  String resource;
  List<String> authorizationServers = List.of();
  @Nullable
  Response metadataResponse;
  final Overrides metadata = new Overrides();
  final McpOffer offer = new McpOffer();

  /** The content that a server may put into an event stream besides the response. */
  public enum StreamFeature {
    /** A log message and a progress notification before the response. */
    NOTIFICATIONS,
    /** A {@code ping} of the server before the response. */
    PING,
    /** Comment lines. */
    COMMENTS,
    /** Messages in several {@code data} lines. */
    MULTI_LINE_DATA,
    /** First an event with only an id, then an id in each event. */
    IDS,
    /** No blank line behind the last event. */
    NO_BLANK_LINE,
    /** All messages in one event, as a JSON array. */
    BATCH,
    /** A byte order mark at the beginning. */
    BYTE_ORDER_MARK
  }

  /** How a response repeats the id of its request. */
  public enum IdEcho {
    AS_SENT, WITH_FRACTION, AS_STRING
  }

  /**
   * How a server refuses a request.
   *
   * @param status the HTTP status
   * @param code the code of the JSON-RPC error; 0 for a response without a body
   * @param message the message of the error
   * @param echoesId whether the error repeats the id of the request; otherwise its id is null
   */
  public record Rejection(int status, int code, String message, boolean echoesId) {

    /** A JSON-RPC error that repeats the id of the request. */
    public static Rejection withId(int status, int code, String message) {
      return new Rejection(status, code, message, true);
    }

    /** A JSON-RPC error whose id is null. */
    public static Rejection withoutId(int status, int code, String message) {
      return new Rejection(status, code, message, false);
    }

    /** Only a status. */
    public static Rejection by(int status) {
      return new Rejection(status, 0, "", false);
    }
  }

  /** The path of the MCP endpoint. Only before the start. */
  public McpServerKnobs path(String value) {
    path = value;
    return this;
  }

  /** The supported protocol versions, the preferred one first. 2026-07-28 adds the modern era. */
  public McpServerKnobs protocolVersions(String... versions) {
    protocolVersions = List.of(versions);
    return this;
  }

  /** The next modern requests are refused for their version, although the version is supported. */
  public McpServerKnobs refuseVersion(int times) {
    versionRefusals = times;
    return this;
  }

  /** How often the tool {@code confirm} of the modern era asks before it responds. */
  public McpServerKnobs questions(int times) {
    questions = times;
    return this;
  }

  /** Asks its questions even if the client has not declared that it answers any. */
  public McpServerKnobs asksAnyClient() {
    asksAnyClient = true;
    return this;
  }

  /** Adds a tool in the modern era whose header annotation breaks a rule. */
  public McpServerKnobs brokenTool() {
    brokenTool = true;
    return this;
  }

  /** Results of tools have a member {@code resultType} of the server's own, which means nothing in the legacy era. */
  public McpServerKnobs ownResultType(String type) {
    ownResultType = type;
    return this;
  }

  /** What the server offers in place of its two tools. */
  public McpServerKnobs offer(Consumer<McpOffer> turn) {
    turn.accept(offer);
    return this;
  }

  /** A server without sessions: it issues no session id and requires none. */
  public McpServerKnobs withoutSessions() {
    sessions = false;
    return this;
  }

  /** A session ends with the access token that opened it, instead of with the grant of this token. */
  public McpServerKnobs sessionsEndWithToken() {
    sessionsEndWithToken = true;
    return this;
  }

  /** Each handshake with a grant gets the session that the grant has already, if it has one. */
  public McpServerKnobs oneSessionPerUser() {
    oneSessionPerUser = true;
    return this;
  }

  /** The response to the end of a session, such as 405 or 500. The session stays open. */
  public McpServerKnobs sessionEndResponse(Response response) {
    sessionEndResponse = response;
    return this;
  }

  /** The response to the end of a session waits until the latch opens or the server closes. The session stays open. */
  public McpServerKnobs delaySessionEndUntil(CountDownLatch latch) {
    sessionEndLatch = latch;
    return this;
  }

  /** How a session is refused that the server does not know. */
  public McpServerKnobs unknownSession(Rejection rejection) {
    unknownSession = rejection;
    return this;
  }

  /** How a request without a session id is refused, if the server has sessions. */
  public McpServerKnobs missingSession(Rejection rejection) {
    missingSession = rejection;
    return this;
  }

  /**
   * A handshake with a version that the server does not speak is refused, instead of answered with another version.
   *
   * @param lists whether the error lists the supported versions in {@code data.supported}
   */
  public McpServerKnobs unknownVersion(Rejection rejection, boolean lists) {
    unknownVersion = rejection;
    listsVersions = lists;
    return this;
  }

  /** Responses outside of event streams are JSON arrays, with a log message before the response. */
  public McpServerKnobs batches() {
    batches = true;
    return this;
  }

  /** A request whose id is not an integer is invalid. */
  public McpServerKnobs integerIdsOnly() {
    integerIdsOnly = true;
    return this;
  }

  public McpServerKnobs idEcho(IdEcho value) {
    idEcho = value;
    return this;
  }

  /** Requests of this MCP method are refused, after all other checks. */
  public McpServerKnobs refuse(String method, Rejection rejection) {
    refusedMethods.put(method, rejection);
    return this;
  }

  /** Requests of this MCP method are no longer refused. */
  public McpServerKnobs accept(String method) {
    refusedMethods.remove(method);
    return this;
  }

  /** Responses are event streams with these features. */
  public McpServerKnobs eventStream(StreamFeature... features) {
    var chosen = EnumSet.noneOf(StreamFeature.class);
    chosen.addAll(List.of(features));
    eventStream = chosen;
    return this;
  }

  /** A 401 without {@code WWW-Authenticate}. */
  public McpServerKnobs withoutChallenge() {
    challenges = false;
    return this;
  }

  /** No resource metadata at all: the challenge names none, and there is none at the well-known URLs. */
  public McpServerKnobs unpublished() {
    return withoutResourceMetadata().metadataResponse(Response.of(404));
  }

  /** The status of a response to a request without a token, such as 403 or 400, instead of 401. */
  public McpServerKnobs statusWithoutToken(int status) {
    statusWithoutToken = status;
    return this;
  }

  /** A challenge without {@code resource_metadata}. */
  public McpServerKnobs withoutResourceMetadata() {
    namesMetadata = false;
    return this;
  }

  /** Another URL for {@code resource_metadata} in the challenge. */
  public McpServerKnobs resourceMetadata(String url) {
    metadataUrl = url;
    return this;
  }

  /** The {@code scope} in the challenge of a 401. */
  public McpServerKnobs challengeScope(String scope) {
    challengeScope = scope;
    return this;
  }

  /** Challenges with other schemes, such as {@code Negotiate}, before our challenge in the same header line. */
  public McpServerKnobs schemesBefore(String... otherChallenges) {
    schemesBefore = List.of(otherChallenges);
    return this;
  }

  /** The {@code WWW-Authenticate} header lines of a 401, word for word. */
  public McpServerKnobs challengeLines(String... lines) {
    verbatimChallenges = List.of(lines);
    return this;
  }

  /** MCP methods that need no token. */
  public McpServerKnobs withoutTokenFor(String... methods) {
    methodsWithoutToken.addAll(List.of(methods));
    return this;
  }

  /**
   * Every request needs this header with one of these values, and no token; otherwise it is answered with a 401. Each
   * value stands for an account: {@code account-1} for the first.
   */
  public McpServerKnobs requireHeader(String name, String... values) {
    requiredHeader = name;
    requiredValues = List.of(values);
    return this;
  }

  /** Whether the server takes tokens that are valid. Otherwise it answers them with a 401 as if they were not. */
  public McpServerKnobs takesTokens(boolean value) {
    takesTokens = value;
    return this;
  }

  /** A call of this MCP method with a token without one of these scopes gets a 403 {@code insufficient_scope}. */
  public McpServerKnobs requireScope(String method, String scope) {
    requiredScopes.put(method, scope);
    return this;
  }

  /** The paths of the resource metadata; the challenge names the first. The default is the path-inserted URL. */
  public McpServerKnobs metadataAt(String... paths) {
    metadataPaths = List.of(paths);
    return this;
  }

  /** There is resource metadata below every path. */
  public McpServerKnobs metadataAnywhere() {
    metadataAnywhere = true;
    return this;
  }

  /** The {@code resource} of the metadata is the URL that was asked for, with its slash and its query. */
  public McpServerKnobs echoesResource() {
    echoesResource = true;
    return this;
  }

  /** A token that does not match is refused as malformed, with 400. */
  public McpServerKnobs tokenPattern(String pattern) {
    tokenPattern = pattern;
    return this;
  }

  /** The resource metadata is only at the root of the origin. */
  public McpServerKnobs metadataAtRoot() {
    return metadataAt(WELL_KNOWN);
  }

  /** The {@code resource} of the metadata; by default the URL of the MCP endpoint. */
  public McpServerKnobs resource(String value) {
    resource = value;
    return this;
  }

  /**
   * The {@code authorization_servers} of the metadata; by default the authorization server that protects this server.
   */
  public McpServerKnobs authorizationServers(String... issuers) {
    authorizationServers = List.of(issuers);
    return this;
  }

  /** The response instead of the metadata, such as a 404, a 500 or an HTML page. */
  public McpServerKnobs metadataResponse(Response response) {
    metadataResponse = response;
    return this;
  }

  /** A metadata member with another value; null for a JSON null. */
  public McpServerKnobs metadata(String member, @Nullable Object value) {
    metadata.set(member, value);
    return this;
  }

  public McpServerKnobs withoutMetadata(String... members) {
    metadata.remove(members);
    return this;
  }

  List<String> handshakeVersions() {
    return protocolVersions.stream().filter(version -> !version.equals(ModernEndpoint.VERSION)).toList();
  }

  List<String> metadataPathsOrDefault() {
    return metadataPaths.isEmpty() ? List.of(WELL_KNOWN + path) : metadataPaths;
  }

  /** The challenges of other schemes, then our challenge. */
  String challengeLine(String ours) {
    var all = new ArrayList<>(schemesBefore);
    all.add(ours);
    return String.join(", ", all);
  }
}
