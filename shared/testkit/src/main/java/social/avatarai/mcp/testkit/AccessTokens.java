package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Base64;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.FakeGrants.Grant;

/** Creates access tokens: opaque tokens, or JWTs in the form of RFC 9068. */
final class AccessTokens {
  private final AuthorizationServerKnobs knobs;
  private final String origin;
  private final FakeGrants grants;

  AccessTokens(AuthorizationServerKnobs knobs, String origin, FakeGrants grants) {
    this.knobs = knobs;
    this.origin = origin;
    this.grants = grants;
  }

  /** The token response of RFC 6749 §5.1, without a refresh token. */
  ObjectNode issue(Grant grant, String scope) {
    var expiresAt = knobs.clock.instant().plus(knobs.accessTokenLifetime);
    String token = knobs.jwtAudience == null
        ? knobs.provider.accessTokenPrefix + Unguessable.text()
        : jwt(grant, scope, knobs.jwtAudience, expiresAt);
    grants.putAccessToken(token, new FakeGrants.AccessToken(grant, scope, expiresAt));
    var response = Json.newObject().put("access_token", token).put("token_type", "Bearer")
        .put("expires_in", knobs.accessTokenLifetime.toSeconds());
    knobs.accounts.addTo(response, grant, origin + knobs.issuerPath, knobs.clock.instant().getEpochSecond());
    return scope.isEmpty() ? response : response.put("scope", scope.replace(" ", knobs.provider.scopeSeparator));
  }

  private String jwt(Grant grant, String scope, String audience, Instant expiresAt) {
    var header = Json.newObject().put("typ", "at+jwt").put("alg", "RS256");
    var claims = Json.newObject().put("iss", origin + knobs.issuerPath).put("sub", grant.subject())
        .put("aud", audience).put("client_id", grant.client().id()).put("scope", scope)
        .put("jti", Unguessable.text()).put("iat", knobs.clock.instant().getEpochSecond())
        .put("exp", expiresAt.getEpochSecond());
    return base64Url(header) + "." + base64Url(claims) + "." + Unguessable.text();
  }

  private static String base64Url(ObjectNode part) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(part.toString().getBytes(UTF_8));
  }
}
