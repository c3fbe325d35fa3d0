package social.avatarai.mcp.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;

/**
 * Checks access to the MCP server by bearer tokens (RFC 6750) that its authorization server issued for this resource.
 */
final class BearerGuard {
  private final McpServerKnobs knobs;
  private final String origin;

  BearerGuard(McpServerKnobs knobs, String origin) {
    this.knobs = knobs;
    this.origin = origin;
  }

  /**
   * The caller of a request.
   *
   * @param token "" without a token
   * @param grant the id of the grant behind the token; "" without a token
   */
  record Caller(String token, String grant, String subject, Scopes scopes) {
    static final Caller ANONYMOUS = new Caller("", "", "anonymous", Scopes.none());
  }

  Caller admit(Received request, String method, @Nullable FakeAuthorizationServer protector) {
    if (!knobs.requiredHeader.isEmpty()) return holder(request);
    if (protector == null) return Caller.ANONYMOUS;
    var token = bearerToken(request);
    if (token.isEmpty()) {
      if (knobs.methodsWithoutToken.contains(method)) return Caller.ANONYMOUS;
      throw unauthorized(List.of()); // RFC 6750 §3.1: no error code if the request had no token
    }
    if (!token.get().matches(knobs.tokenPattern))
      throw new HttpRefusal(Response.of(400).body("text/plain; charset=utf-8", "Bad Request"));
    var caller = protector.live(token.get()).filter(live -> knobs.takesTokens && isForUs(live.grant().resource()))
        .map(live -> new Caller(token.get(), live.grant().id(), live.grant().subject(), Scopes.parse(live.scope())))
        .orElseThrow(() -> unauthorized(List.of("error=\"invalid_token\"")));
    requireScope(caller, method);
    return caller;
  }

  private Caller holder(Received request) {
    String value = request.header(knobs.requiredHeader).orElse("");
    int account = knobs.requiredValues.indexOf(value) + 1;
    if (account == 0) throw unauthorized(List.of());
    return new Caller(value, value, "account-" + account, Scopes.none());
  }

  private void requireScope(Caller caller, String method) {
    String required = knobs.requiredScopes.getOrDefault(method, "");
    if (caller.scopes().containsAll(Scopes.parse(required))) return;
    var parameters = new ArrayList<>(List.of("error=\"insufficient_scope\"", "scope=\"" + required + "\""));
    metadataUrl().ifPresent(url -> parameters.add("resource_metadata=\"" + url + "\""));
    throw new HttpRefusal(Response.error(403, "insufficient_scope").with("WWW-Authenticate",
        "Bearer " + String.join(", ", parameters)));
  }

  private HttpRefusal unauthorized(List<String> error) {
    var response = error.isEmpty() ? Response.of(knobs.statusWithoutToken) : Response.error(401, "invalid_token");
    if (!knobs.challenges) return new HttpRefusal(response);
    for (String line : challengeLines(error))
      response = response.with("WWW-Authenticate", line);
    return new HttpRefusal(response);
  }

  private List<String> challengeLines(List<String> error) {
    if (!knobs.verbatimChallenges.isEmpty()) return knobs.verbatimChallenges;
    var parameters = new ArrayList<>(error);
    if (knobs.challengeScope != null) parameters.add("scope=\"" + knobs.challengeScope + "\"");
    metadataUrl().ifPresent(url -> parameters.add("resource_metadata=\"" + url + "\""));
    return List.of(knobs.challengeLine(("Bearer " + String.join(", ", parameters)).strip()));
  }

  private Optional<String> metadataUrl() {
    if (!knobs.namesMetadata) return Optional.empty();
    String own = origin + knobs.metadataPathsOrDefault().getFirst();
    return Optional.of(knobs.metadataUrl == null ? own : knobs.metadataUrl);
  }

  private static Optional<String> bearerToken(Received request) {
    return request.header("authorization").filter(value -> value.regionMatches(true, 0, "Bearer ", 0, 7))
        .map(value -> value.substring(7));
  }

  // RFC 8707 §2: a token is for the requested resource, or for everything below it.
  private boolean isForUs(@Nullable String resource) {
    try {
      return resource == null || new ResourceUri(resource).covers(new EndpointUrl(origin + knobs.path));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
