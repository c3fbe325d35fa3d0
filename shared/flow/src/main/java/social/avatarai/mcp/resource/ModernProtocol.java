package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.ProtocolVersion;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.KnownTools.Listing;
import social.avatarai.mcp.resource.McpTransport.Peer;
import social.avatarai.mcp.resource.McpTransport.Sending;

/**
 * The protocol of MCP 2026-07-28: every request stands alone and repeats its method and name in headers. The response
 * is final, or asks the client for more input.
 */
final class ModernProtocol implements McpProtocol {
  /** Rounds of input that the client sends for one request. */
  static final int MAX_ROUNDS = 5;
  static final int MAX_PAGES = 10;
  private static final Duration TO_DISCOVER = Duration.ofSeconds(5);
  private static final Set<String> FINAL = Set.of("", "complete");
  private static final String MORE_INPUT = "input_required";

  private final McpTransport transport;
  private final KnownTools tools;

  ModernProtocol(McpTransport transport, KnownTools tools) {
    this.transport = transport;
    this.tools = tools;
  }

  @Override
  public McpResponse probe(Peer peer, Deadline deadline) {
    return discover(peer, deadline);
  }

  /** Without a handshake, the server's description is all there is to agree on. */
  @Override
  public McpResponse agree(Peer peer, Elicitation elicitation, Deadline deadline) {
    return discover(peer, deadline);
  }

  /**
   * There is no session, so only the era can be wrong. A modern server gives the codes and statuses of the other era for
   * errors of its own too.
   */
  @Override
  public AgreementVerdict verdict(McpRequest request, McpResponse response, NegotiatedProtocol agreed) {
    return switch (response) {
      case McpResponse.RpcError error when error.isUnsupportedVersion() ->
        Refusal.isOfClient(error.status()) ? AgreementVerdict.ENDED : AgreementVerdict.IN_DOUBT;
      case McpResponse.RpcError error when error.isProtocolRefusal() || error.isUnknownMethod() ->
        AgreementVerdict.STANDS;
      case McpResponse.RpcError error when isOfLegacyEra(request, error) -> AgreementVerdict.OF_ANOTHER_ERA;
      case McpResponse.RpcError error when error.hasCodeOfRefusal() && error.words().speakOfSession() ->
        AgreementVerdict.IN_DOUBT;
      case McpResponse.RpcError error -> Refusal.ofStatus(error.status());
      case McpResponse.Unusable unusable when isOfLegacyEra(request, unusable) -> AgreementVerdict.OF_ANOTHER_ERA;
      case McpResponse.Unusable unusable -> Refusal.ofStatus(unusable.status());
      case McpResponse.Forbidden forbidden -> Refusal.of(forbidden);
      case McpResponse.Unauthorized _,McpResponse.Result _ -> AgreementVerdict.STANDS;
    };
  }

  /**
   * Whether the server refused the request itself, as legacy servers do that miss a handshake. A legacy server without
   * sessions may carry a modern request out, so only a clear refusal counts, unless the request carries nothing out.
   */
  private static boolean isOfLegacyEra(McpRequest request, McpResponse.RpcError error) {
    boolean isUnclear = request.carriesNothingOut()
        && (error.hasCodeOfRefusal() || error.words().speakOfSession() || error.words().speakOfVersion());
    return isOfLegacyEra(request, error.status()) && (isUnclear || error.isRefusalOfAgreement());
  }

  /** A text with status 400 may be that of a tool, and an internal error may come after the work. */
  private static boolean isOfLegacyEra(McpRequest request, McpResponse.Unusable response) {
    boolean isUnclear = response.status() == 400 && !response.saysNothing() && !response.isUnread()
        && !response.words().refuseAgreement();
    return isOfLegacyEra(request, response.status()) && (request.carriesNothingOut() || !isUnclear);
  }

  private static boolean isOfLegacyEra(McpRequest request, int status) {
    return status == 400 || status == 404 || (request.carriesNothingOut() && Refusal.isGone(status));
  }

  @Override
  public boolean needsOwnAgreement(McpRequest request) {
    return false;
  }

  /** There is no session to end. */
  @Override
  public void leave(Peer peer, NegotiatedProtocol agreed, Deadline deadline) {}

  /**
   * Asks the server to describe itself; once more where the server refuses the version and then lists the same version
   * as supported. Servers in the field hang up or fall silent at a method that they do not know: that is a response
   * too.
   */
  private McpResponse discover(Peer peer, Deadline whole) {
    var deadline = Deadline.in(whole.remaining(TO_DISCOVER));
    try {
      return discovered(peer, deadline);
    } catch (Failure.Unreachable e) {
      // No server is there, which is not the same as a silent server.
      if (!e.mayHaveArrived()) throw e;
      return new McpResponse.Unusable(McpResponse.Unusable.NO_STATUS, "with silence");
    } catch (Failure.ProtocolBroken e) {
      return new McpResponse.Unusable(McpResponse.Unusable.NO_STATUS, "with nonsense");
    }
  }

  private McpResponse discovered(Peer peer, Deadline deadline) {
    var response = ask(peer, McpRequest.discover(), ToolHeaders.none(), deadline);
    boolean isSupported = response instanceof McpResponse.RpcError error && error.isUnsupportedVersion()
        && error.supports(ProtocolVersion.MODERN);
    return isSupported ? ask(peer, McpRequest.discover(), ToolHeaders.none(), deadline) : response;
  }

  /** Whether this response to {@link #agree} is that of a server which speaks this protocol. */
  static boolean isSpokenBy(McpResponse response) {
    return switch (response) {
      case McpResponse.Result(var result, _) -> result.path("supportedVersions").valueStream()
          .anyMatch(version -> ProtocolVersion.MODERN.equals(version.textValue()));
      case McpResponse.RpcError error -> error.isProtocolRefusal()
          && (!error.isUnsupportedVersion() || error.supports(ProtocolVersion.MODERN));
      default -> false;
    };
  }

  /** Sends a request, and the input that the server asks for in return, as far as the request allows it. */
  @Override
  public McpResponse send(Peer peer, McpRequest request, NegotiatedProtocol agreed, Deadline deadline) {
    var response = withToolHeaders(peer, request, deadline);
    for (int round = 0; round < MAX_ROUNDS; round++) {
      var inputs = inputs(request, response);
      if (inputs.isEmpty()) break;
      var next = request.continued(inputs.get(), ((McpResponse.Result) response).result().path("requestState"));
      response = sendFollowUp(peer, next, deadline);
    }
    return learnTools(peer, request, judge(request, response));
  }

  /**
   * Sends a later round. The server has begun to carry the request out. A response that would let the client send a
   * first request again must not do so here, or the server would carry the request out twice.
   */
  private McpResponse sendFollowUp(Peer peer, McpRequest request, Deadline deadline) {
    try {
      return switch (withToolHeaders(peer, request, deadline)) {
        case McpResponse.Unauthorized _ -> throw McpFailures.outcomeUnknown("401 to a later round")
            .withUpstreamStatus(401);
        case McpResponse.Unusable unusable -> throw McpFailures.outcomeUnknown(unusable, " to a later round");
        case McpResponse.RpcError error when error.isUnsupportedVersion() ->
          throw McpFailures.outcomeUnknown("another version in a later round").withUpstreamStatus(error.status());
        case McpResponse response -> response;
      };
    } catch (Failure.Unreachable e) {
      throw McpFailures.outcomeUnknown(e);
    } catch (Failure.Crowded e) {
      // The round before was sent, and the server may work on it already.
      throw McpFailures.cutOff(request, e);
    }
  }

  /** Sends one request; once more where the server misses a header, since the server has carried nothing out then. */
  private McpResponse withToolHeaders(Peer peer, McpRequest request, Deadline deadline) {
    var listing = listing(peer).filter(_ -> request.isToolCall());
    if (listing.isEmpty()) return ask(peer, request, ToolHeaders.none(), deadline);
    var known = tools.headers(listing.get(), request.subject());
    var response = ask(peer, request, known, deadline);
    if (!(response instanceof McpResponse.RpcError error) || !missesHeader(error)) return response;
    boolean isWhole = relist(peer, listing.get(), deadline);
    var current = tools.headers(listing.get(), request.subject());
    if (!current.equals(known)) return ask(peer, request, current, deadline);
    boolean isBeyondLimits = !isWhole || tools.isBeyondLimits(listing.get(), request.subject());
    if (current.isEmpty() && isBeyondLimits) throw notListed(error.status());
    return response;
  }

  private static boolean missesHeader(McpResponse.RpcError error) {
    return error.isHeaderMismatch() && Refusal.isOfClient(error.status());
  }

  /** The server misses headers of a tool, and has carried nothing out. */
  private static Failure notListed(int status) {
    return new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER,
        "The server misses headers of this tool, which its list does not show within the limits: " + MAX_PAGES
            + " pages, " + KnownTools.MAX_TOOLS + " tools with headers, " + KnownTools.MAX_NAME
            + " characters of a name.",
        "").withUpstreamStatus(status);
  }

  private static Optional<Listing> listing(Peer peer) {
    return Optional.ofNullable(peer.user()).map(user -> new Listing(user, peer.url()));
  }

  /** Reads the list of tools; false where it has more pages than are read. */
  private boolean relist(Peer peer, Listing listing, Deadline deadline) {
    JsonNode cursor = Json.newObject().path("cursor");
    for (int page = 0; page < MAX_PAGES; page++) {
      var params = Json.newObject();
      if (cursor.isTextual()) params.set("cursor", cursor);
      var response = ask(peer, new McpRequest("tools/list", params), ToolHeaders.none(), deadline);
      if (!(response instanceof McpResponse.Result(var result, _)) || !(result instanceof ObjectNode object))
        return true;
      tools.learn(listing, object);
      cursor = result.path("nextCursor");
      if (!cursor.isTextual()) return true;
    }
    return false;
  }

  private McpResponse ask(Peer peer, McpRequest request, ToolHeaders toolHeaders, Deadline deadline) {
    var whole = request.selfContained(ProtocolVersion.MODERN);
    var headers = new LinkedHashMap<String, String>();
    headers.put("Mcp-Method", whole.method());
    if (!whole.subject().isEmpty()) headers.put("Mcp-Name", HeaderValue.of(whole.subject()));
    headers.putAll(toolHeaders.values(Objects.requireNonNull(whole.params()).path("arguments")));
    // A modern server asks nothing on the stream, and the client must not reply to anything there.
    var sending = new Sending(whole, NegotiatedProtocol.modern(), Map.copyOf(headers), false);
    return transport.send(peer, sending, deadline);
  }

  /**
   * The input that a result asks for; empty where it asks for nothing, or for something that this client cannot give.
   */
  private static Optional<ObjectNode> inputs(McpRequest request, McpResponse response) {
    if (request.elicitation() != Elicitation.DEFAULTS) return Optional.empty();
    if (!(response instanceof McpResponse.Result(var result, _)) || !isMoreInput(result)) return Optional.empty();
    JsonNode asked = result.path("inputRequests");
    boolean isElicitation = asked.valueStream()
        .allMatch(question -> question.path("method").asText().equals(Elicitation.METHOD));
    if (!isElicitation) return Optional.empty();
    var inputs = Json.newObject();
    asked.properties().forEach(question -> inputs.set(question.getKey(),
        Elicitation.byDefault(question.getValue().path("params"))));
    return Optional.of(inputs);
  }

  /** A result of an unknown type is invalid (MCP 2026-07-28, basic, result type). */
  private static McpResponse judge(McpRequest request, McpResponse response) {
    if (!(response instanceof McpResponse.Result(var result, _))) return response;
    boolean known = FINAL.contains(result.path("resultType").asText()) || isMoreInput(result)
        || request.declaresExtensions();
    return known ? response : new McpResponse.Unusable(200, "with a result of an unknown type");
  }

  private static boolean isMoreInput(JsonNode result) {
    return result.path("resultType").asText().equals(MORE_INPUT);
  }

  private McpResponse learnTools(Peer peer, McpRequest request, McpResponse response) {
    var listing = listing(peer).filter(_ -> request.method().equals("tools/list"));
    if (listing.isEmpty() || !(response instanceof McpResponse.Result(ObjectNode page, var protocol))) return response;
    return new McpResponse.Result(tools.learn(listing.get(), page), protocol);
  }
}
