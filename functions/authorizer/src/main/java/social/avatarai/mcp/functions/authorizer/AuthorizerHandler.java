package social.avatarai.mcp.functions.authorizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.OutboundDoor;
import social.avatarai.mcp.lambda.EventHandler;
import social.avatarai.mcp.lambda.Platform;

/**
 * API Gateway's Lambda authorizer (payload 2.0, simple responses). It allows requests with a token of our application
 * and denies all others. When the keys are unavailable the invocation fails instead, because API Gateway would cache a
 * denial.
 */
public final class AuthorizerHandler extends EventHandler {
  private final TokenVerifier verifier;
  private final Journal journal;

  public AuthorizerHandler() {
    this(Platform.present());
  }

  private AuthorizerHandler(Platform platform) {
    this(platform, platform.journal());
  }

  AuthorizerHandler(Platform platform, Journal journal) {
    super(journal);
    var settings = AuthorizerSettings.read(platform.environment());
    var door = new OutboundDoor(platform.addressPolicy().without(settings.forbiddenNetworks()));
    var keys = new IssuerKeys(door, settings.jwksUri(), platform.clock(), journal);
    this.verifier = new TokenVerifier(keys, new ClaimRules(settings, platform.clock()));
    this.journal = journal;
  }

  @Override
  protected JsonNode handle(JsonNode event, Deadline deadline) {
    var verdict = BearerToken.find(event.path("headers")).map(token -> verifier.verify(token, deadline))
        .orElseGet(() -> new Verdict.Denied("no bearer token"));
    journal.write("authorization", Map.of("route", event.path("routeKey").asText(""), "verdict", verdict.word()));
    return switch (verdict) {
      case Verdict.Authorized(var context) -> response(true).set("context", context);
      case Verdict.Denied _ -> response(false).set("context", Json.newObject());
    };
  }

  private static ObjectNode response(boolean isAuthorized) {
    return Json.newObject().put("isAuthorized", isAuthorized);
  }
}
