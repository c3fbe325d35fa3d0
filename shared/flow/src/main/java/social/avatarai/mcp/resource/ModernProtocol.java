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
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.ProtocolVersion;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.KnownTools.Listing;
import social.avatarai.mcp.resource.McpTransport.Peer;
import social.avatarai.mcp.resource.McpTransport.Sending;

/**
 * The wire of MCP 2026-07-28: every request stands alone, repeats what it is in headers, and is answered, or answered with
 * questions.
 */
final class ModernProtocol {
  /** Rounds of questions that are answered for one request. */
  static final int MAX_ROUNDS = 5;
  private static final int MAX_PAGES = 10;
  private static final Duration TO_DISCOVER = Duration.ofSeconds(5);
  private static final Set<String> FINAL = Set.of("", "complete");
  private static final String MORE_INPUT = "input_required";

  private final McpTransport transport;
  private final KnownTools tools;

  ModernProtocol(McpTransport transport, KnownTools tools) {
    this.transport = transport;
    this.tools = tools;
  }

  /**
   * Asks the server what it is; once more where it refuses the version it then says it takes. Servers in the field hang up
   * or fall silent at a method that they do not know: that is an answer too.
   */
  McpResponse discover(Peer peer, Deadline whole) {
    var deadline = Deadline.in(whole.remaining(TO_DISCOVER));
    try {
      return discovered(peer, deadline);
    } catch (Failure.Unreachable e) {
      // Nobody there, and not somebody who is silent.
      if (!e.mayHaveArrived()) throw e;
      return new McpResponse.Unusable(McpResponse.Unusable.NO_STATUS, "with silence");
    } catch (Failure.ProtocolBroken e) {
      return new McpResponse.Unusable(McpResponse.Unusable.NO_STATUS, "with nonsense");
    }
  }

  private McpResponse discovered(Peer peer, Deadline deadline) {
    var answer = ask(peer, McpRequest.discover(), ToolHeaders.none(), deadline);
    boolean takesIt = answer instanceof McpResponse.RpcError error && error.isUnsupportedVersion()
        && error.supports(ProtocolVersion.STATELESS);
    return takesIt ? ask(peer, McpRequest.discover(), ToolHeaders.none(), deadline) : answer;
  }

  /** Whether this answer to {@link #discover} is that of a server which speaks this wire. */
  static boolean isSpokenBy(McpResponse answer) {
    return switch (answer) {
      case McpResponse.Result(var result, _) -> result.path("supportedVersions").valueStream()
          .anyMatch(version -> ProtocolVersion.STATELESS.equals(version.textValue()));
      case McpResponse.RpcError error -> error.isOfTheStatelessWire()
          && (!error.isUnsupportedVersion() || error.supports(ProtocolVersion.STATELESS));
      default -> false;
    };
  }

  /** Sends a request, and answers what the server asks in return, as far as the request lets it. */
  McpResponse send(Peer peer, McpRequest request, Deadline deadline) {
    var answer = withHeaders(peer, request, deadline);
    for (int round = 0; round < MAX_ROUNDS; round++) {
      var inputs = inputs(request, answer);
      if (inputs.isEmpty()) break;
      var again = request.continued(inputs.get(), ((McpResponse.Result) answer).result().path("requestState"));
      answer = sendFollowUp(peer, again, deadline);
    }
    return learnTools(peer, request, judge(answer));
  }

  /**
   * A later round. The server has begun, so nothing that would have a first request sent once more is an answer to this
   * one: the deed would begin a second time.
   */
  private McpResponse sendFollowUp(Peer peer, McpRequest request, Deadline deadline) {
    try {
      return switch (withHeaders(peer, request, deadline)) {
        case McpResponse.Unauthorized _ -> throw McpFailures.outcomeUnknown("401 to a later round")
            .withUpstreamStatus(401);
        case McpResponse.Unusable unusable -> throw McpFailures.outcomeUnknown(unusable, " to a later round");
        case McpResponse.RpcError error when error.isUnsupportedVersion() ->
          throw McpFailures.outcomeUnknown("another version in a later round").withUpstreamStatus(error.status());
        case McpResponse answer -> answer;
      };
    } catch (Failure.Unreachable e) {
      throw McpFailures.outcomeUnknown(e.detail()).withUpstreamStatus(e.upstreamStatus().orElse(null));
    }
  }

  /** One request; once more where the server misses a header, since it has done nothing then. */
  private McpResponse withHeaders(Peer peer, McpRequest request, Deadline deadline) {
    var listing = listing(peer).filter(_ -> request.isToolCall());
    if (listing.isEmpty()) return ask(peer, request, ToolHeaders.none(), deadline);
    var known = tools.headers(listing.get(), request.subject());
    var answer = ask(peer, request, known, deadline);
    boolean misses = answer instanceof McpResponse.RpcError error && error.isHeaderMismatch();
    if (!misses) return answer;
    relist(peer, listing.get(), deadline);
    var current = tools.headers(listing.get(), request.subject());
    return current.equals(known) ? answer : ask(peer, request, current, deadline);
  }

  private static Optional<Listing> listing(Peer peer) {
    return Optional.ofNullable(peer.user()).map(user -> new Listing(user, peer.url()));
  }

  private void relist(Peer peer, Listing listing, Deadline deadline) {
    JsonNode cursor = Json.newObject().path("cursor");
    for (int page = 0; page < MAX_PAGES; page++) {
      var params = Json.newObject();
      if (cursor.isTextual()) params.set("cursor", cursor);
      var answer = ask(peer, new McpRequest("tools/list", params), ToolHeaders.none(), deadline);
      if (!(answer instanceof McpResponse.Result(var result, _)) || !(result instanceof ObjectNode object)) return;
      tools.learn(listing, object);
      cursor = result.path("nextCursor");
      if (!cursor.isTextual()) return;
    }
  }

  private McpResponse ask(Peer peer, McpRequest request, ToolHeaders toolHeaders, Deadline deadline) {
    var whole = request.stateless();
    var headers = new LinkedHashMap<String, String>();
    headers.put("Mcp-Method", whole.method());
    if (!whole.subject().isEmpty()) headers.put("Mcp-Name", HeaderValue.of(whole.subject()));
    headers.putAll(toolHeaders.values(Objects.requireNonNull(whole.params()).path("arguments")));
    return transport.send(peer, new Sending(whole, NegotiatedProtocol.stateless(), Map.copyOf(headers)), deadline);
  }

  /** The answers to what a result asks for; empty where it asks nothing, or something that is not ours to answer. */
  private static Optional<ObjectNode> inputs(McpRequest request, McpResponse answer) {
    if (request.elicitation() != Elicitation.DEFAULTS) return Optional.empty();
    if (!(answer instanceof McpResponse.Result(var result, _)) || !isMoreInput(result)) return Optional.empty();
    JsonNode asked = result.path("inputRequests");
    boolean ours = asked.valueStream()
        .allMatch(question -> question.path("method").asText().equals(Elicitation.METHOD));
    if (!ours) return Optional.empty();
    var inputs = Json.newObject();
    asked.properties().forEach(question -> inputs.set(question.getKey(),
        Elicitation.byDefault(question.getValue().path("params"))));
    return Optional.of(inputs);
  }

  /** A result of a type that nobody has declared is no result (MCP 2026-07-28, basic, result type). */
  private static McpResponse judge(McpResponse answer) {
    if (!(answer instanceof McpResponse.Result(var result, _))) return answer;
    boolean known = FINAL.contains(result.path("resultType").asText()) || isMoreInput(result);
    return known ? answer : new McpResponse.Unusable(200, "with a result of an unknown type");
  }

  private static boolean isMoreInput(JsonNode result) {
    return result.path("resultType").asText().equals(MORE_INPUT);
  }

  private McpResponse learnTools(Peer peer, McpRequest request, McpResponse answer) {
    var listing = listing(peer).filter(_ -> request.method().equals("tools/list"));
    boolean isPage = answer instanceof McpResponse.Result(var result, _) && result instanceof ObjectNode;
    if (listing.isEmpty() || !isPage) return answer;
    var page = (McpResponse.Result) answer;
    return new McpResponse.Result(tools.learn(listing.get(), (ObjectNode) page.result()), page.wire());
  }
}
