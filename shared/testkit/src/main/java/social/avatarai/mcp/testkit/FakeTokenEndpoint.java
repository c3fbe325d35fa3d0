package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.testkit.FakeGrants.Grant;

/** The token endpoint (RFC 6749 §4.1.3 and §6, RFC 7636 §4.6, RFC 8707 §2.2). */
final class FakeTokenEndpoint {
  private final AuthorizationServerKnobs knobs;
  private final Clients clients;
  private final FakeGrants grants;
  private final AccessTokens accessTokens;
  private final RefreshReplays replays;

  FakeTokenEndpoint(AuthorizationServerKnobs knobs, String origin, Clients clients, FakeGrants grants) {
    this.knobs = knobs;
    this.clients = clients;
    this.grants = grants;
    this.accessTokens = new AccessTokens(knobs, origin, grants);
    this.replays = new RefreshReplays(knobs);
  }

  Response respond(Received request) {
    boolean form = knobs.formEncoded || knobs.provider.wantsForm(request);
    try {
      var granted = grant(knobs.provider.requireTokenRequest(request));
      return response(knobs.tokenStatus, knobs.provider.shaped(knobs.tokenResponse.applyTo(granted)), form);
    } catch (Refusal fault) {
      var refusal = knobs.provider.inItsWords(fault, request);
      int status = knobs.tokenErrorStatus == 0 ? refusal.status() : knobs.tokenErrorStatus;
      return refusal.challenged(response(status, refusal.body(), form));
    }
  }

  private ObjectNode grant(Received request) {
    knobs.provider.requireForm(request);
    var client = clients.authenticate(request);
    var form = request.parameters();
    return switch (form.getOrDefault("grant_type", "")) {
      case "authorization_code" -> redeem(client, form);
      case "refresh_token" -> refresh(client, form);
      case "" -> throw Refusal.invalidRequest("grant_type is missing");
      default -> throw new Refusal(400, "unsupported_grant_type", "codes and refresh tokens only");
    };
  }

  private ObjectNode redeem(FakeClient client, Map<String, String> form) {
    var code = grants.takeCode(form.getOrDefault("code", ""), client);
    boolean mustBeSame = code.redirectUri() != null && !knobs.redirectsBySubdirectory;
    if (mustBeSame && !Objects.equals(code.redirectUri(), form.get("redirect_uri"))) {
      throw Refusal.invalidGrant("redirect_uri differs from the authorization request's");
    }
    requireVerifier(form.getOrDefault("code_verifier", ""), code.challenge());
    requireResource(form, code.grant());
    var response = accessTokens.issue(code.grant(), code.grant().scope());
    if (earnsRefreshToken(code.grant())) response.put("refresh_token", grants.issueRefreshToken(code.grant()));
    return response;
  }

  private ObjectNode refresh(FakeClient client, Map<String, String> form) {
    if (!client.refreshes()) throw new Refusal(400, "unauthorized_client", "not registered for refresh_token");
    if (knobs.refreshNamesScope && !form.containsKey("scope")) {
      throw new Refusal(400, "invalid_request", "a refresh names its scope here");
    }
    String refreshToken = form.getOrDefault("refresh_token", "");
    var replayed = replays.find(refreshToken, client);
    if (replayed.isPresent()) return replayed.get();
    var grant = grants.grantOf(refreshToken, client);
    if (form.containsKey("resource") || !knobs.refreshWithoutResource) requireResource(form, grant);
    var scope = FakeAuthorizationEndpoint.scopes(form.getOrDefault("scope", grant.scope()));
    if (!Scopes.parse(grant.scope()).containsAll(scope)) throw new Refusal(400, "invalid_scope", "more than granted");
    var response = accessTokens.issue(grant,
        knobs.refreshedScope == null ? scope.toString() : knobs.refreshedScope);
    if (knobs.rotation) response.put("refresh_token", grants.rotate(refreshToken, grant));
    replays.keep(refreshToken, client, response);
    return response;
  }

  private boolean earnsRefreshToken(Grant grant) {
    String scope = knobs.offlineScope;
    boolean offline = scope == null || Scopes.parse(grant.scope()).contains(scope);
    return knobs.refreshTokens && grant.client().refreshes() && offline;
  }

  private static void requireVerifier(String verifier, String challenge) {
    boolean wellFormed = verifier.matches("[A-Za-z0-9._~-]{43,128}"); // RFC 7636 §4.1
    if (!wellFormed || !Digest.sha256Base64Url(verifier).equals(challenge)) {
      throw Refusal.invalidGrant("code_verifier does not fit code_challenge");
    }
  }

  // RFC 8707 §2.2. The resource is compared as a string, as real servers do.
  private void requireResource(Map<String, String> form, Grant grant) {
    if (!knobs.provider.ignoresResource && !Objects.equals(form.get("resource"), grant.resource())) {
      throw new Refusal(400, "invalid_target", "resource differs from the authorization request's");
    }
  }

  private Response response(int status, ObjectNode body, boolean form) {
    var response = form
        ? Response.of(status).body("application/x-www-form-urlencoded", formEncode(body))
        : Response.json(status, body);
    return knobs.wrapped(response).with("Cache-Control", "no-store");
  }

  private static String formEncode(ObjectNode body) {
    var parameters = new LinkedHashMap<String, String>();
    for (Map.Entry<String, JsonNode> member : body.properties())
      parameters.put(member.getKey(), member.getValue().asText());
    return OutboundRequest.formBody(parameters);
  }
}
