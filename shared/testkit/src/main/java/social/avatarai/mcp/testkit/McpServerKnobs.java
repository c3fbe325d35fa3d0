package social.avatarai.mcp.testkit;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link FakeMcpServer} differs from a well-behaved one. Without a turn of any knob it keeps to
 * MCP 2025-11-25, RFC 9728 and RFC 6750.
 */
public final class McpServerKnobs {
  static final String WELL_KNOWN = "/.well-known/oauth-protected-resource";

  String path = "/mcp";
  List<String> protocolVersions = List.of("2025-11-25", "2025-06-18", "2025-03-26");
  int versionRefusals;
  int questions = 1;
  boolean brokenTool;
  boolean sessions = true;
  boolean sessionsEndWithToken;
  @Nullable
  Set<StreamFeature> eventStream;

  boolean challenges = true;
  boolean namesMetadata = true;
  @Nullable
  String metadataUrl;
  @Nullable
  String challengeScope;
  List<String> schemesBefore = List.of();
  List<String> verbatimChallenges = List.of();
  final Set<String> methodsWithoutToken = new HashSet<>();
  final Map<String, String> requiredScopes = new HashMap<>();

  List<String> metadataPaths = List.of();
  @Nullable
  String resource;
  List<String> authorizationServers = List.of();
  @Nullable
  Response metadataAnswer;
  final Overrides metadata = new Overrides();

  /** What a server may put into an event stream besides the answer. */
  public enum StreamFeature {
    /** A log message and a progress notification before the answer. */
    NOTIFICATIONS,
    /** A {@code ping} of the server before the answer. */
    PING,
    /** Comment lines. */
    COMMENTS,
    /** Messages spread over several {@code data} lines. */
    MULTI_LINE_DATA,
    /** An event with nothing but an id first, then an id with each event. */
    IDS
  }

  /** The path of the MCP endpoint. Only at the start. */
  public McpServerKnobs path(String value) {
    path = value;
    return this;
  }

  /** The protocol versions that are spoken, the preferred one first; 2026-07-28 among them is the stateless wire. */
  public McpServerKnobs protocolVersions(String... versions) {
    protocolVersions = List.of(versions);
    return this;
  }

  /** The next requests of the stateless wire are refused for their version, though it is supported. */
  public McpServerKnobs refuseVersion(int times) {
    versionRefusals = times;
    return this;
  }

  /** How often the tool {@code confirm} asks, on the stateless wire, before it answers. */
  public McpServerKnobs questions(int times) {
    questions = times;
    return this;
  }

  /** A tool more on the stateless wire, whose header annotation breaks a rule. */
  public McpServerKnobs brokenTool() {
    brokenTool = true;
    return this;
  }

  /** A server without sessions: it issues no id, and asks for none. */
  public McpServerKnobs withoutSessions() {
    sessions = false;
    return this;
  }

  /** A session ends with the access token that opened it, instead of with the grant behind that token. */
  public McpServerKnobs sessionsEndWithToken() {
    sessionsEndWithToken = true;
    return this;
  }

  /** Requests are answered by an event stream with these features. */
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

  /** A challenge without {@code resource_metadata}. */
  public McpServerKnobs withoutResourceMetadata() {
    namesMetadata = false;
    return this;
  }

  /** Another URL as {@code resource_metadata} of the challenge. */
  public McpServerKnobs resourceMetadata(String url) {
    metadataUrl = url;
    return this;
  }

  /** The {@code scope} of the challenge of a 401. */
  public McpServerKnobs challengeScope(String scope) {
    challengeScope = scope;
    return this;
  }

  /** Challenges of other schemes, such as {@code Negotiate}, before ours in the same header line. */
  public McpServerKnobs schemesBefore(String... otherChallenges) {
    schemesBefore = List.of(otherChallenges);
    return this;
  }

  /** The {@code WWW-Authenticate} header lines of a 401, word for word. */
  public McpServerKnobs challengeLines(String... lines) {
    verbatimChallenges = List.of(lines);
    return this;
  }

  /** MCP methods that are served without a token. */
  public McpServerKnobs withoutTokenFor(String... methods) {
    methodsWithoutToken.addAll(List.of(methods));
    return this;
  }

  /** A call of this MCP method with a token that lacks one of these scopes is a 403 {@code insufficient_scope}. */
  public McpServerKnobs requireScope(String method, String scope) {
    requiredScopes.put(method, scope);
    return this;
  }

  /** The paths at which the resource metadata is; the challenge names the first. By default the path-inserted one. */
  public McpServerKnobs metadataAt(String... paths) {
    metadataPaths = List.of(paths);
    return this;
  }

  /** The resource metadata is at the root of the origin only. */
  public McpServerKnobs metadataAtRoot() {
    return metadataAt(WELL_KNOWN);
  }

  /** The {@code resource} of the metadata; by default the URL of the MCP endpoint. */
  public McpServerKnobs resource(String value) {
    resource = value;
    return this;
  }

  /** The {@code authorization_servers} of the metadata; by default the one that protects the server. */
  public McpServerKnobs authorizationServers(String... issuers) {
    authorizationServers = List.of(issuers);
    return this;
  }

  /** What is answered where the metadata should be: a 404, a 500, an HTML page. */
  public McpServerKnobs metadataAnswer(Response answer) {
    metadataAnswer = answer;
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

  /** The schemes before ours, and ours. */
  String challengeLine(String ours) {
    var all = new ArrayList<>(schemesBefore);
    all.add(ours);
    return String.join(", ", all);
  }
}
