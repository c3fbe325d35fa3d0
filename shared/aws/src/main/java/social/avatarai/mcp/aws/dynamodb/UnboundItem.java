package social.avatarai.mcp.aws.dynamodb;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.LiveCredentials;
import social.avatarai.mcp.record.UnboundSecrets;
import social.avatarai.mcp.vault.Destination;

/**
 * The secrets of a record that are not in use, as one text to seal. What decides where they may go later, their issuer
 * and their client, is sealed with them.
 */
final class UnboundItem {
  /** The attribute; absent if there are no such secrets. */
  static final String ATTRIBUTE = "unbound";

  private UnboundItem() {}

  /** They are sent nowhere. The URL of the server is part of this: they are for no other server. */
  static Destination destination(EndpointUrl server) {
    return Destination.none().with("destination", "unbound").with("serverUrl", server.withoutQuery().value());
  }

  static String text(UnboundSecrets secrets) {
    var json = Json.newObject();
    put(json, "issuer", secrets.issuer());
    put(json, "clientId", secrets.clientId());
    if (secrets.clientSecret() != null) json.put("clientSecret", secrets.clientSecret().reveal());
    var credentials = secrets.credentials();
    if (credentials == null) return JsonText.of(json);
    json.put("accessToken", credentials.accessToken().reveal()).put("scope", credentials.scope().toString());
    if (credentials.refreshToken() != null) json.put("refreshToken", credentials.refreshToken().reveal());
    if (credentials.obtainedAt() != null) json.put("obtainedAtMillis", credentials.obtainedAt().toEpochMilli());
    if (credentials.expiresAt() != null) json.put("expiresAtMillis", credentials.expiresAt().toEpochMilli());
    return JsonText.of(json);
  }

  private static void put(ObjectNode json, String member, @Nullable Object value) {
    if (value != null) json.put(member, value.toString());
  }

  static UnboundSecrets read(String text) {
    var json = Json.object(text.getBytes(UTF_8))
        .orElseThrow(() -> new IllegalArgumentException("attribute unbound holds no JSON object"));
    return new UnboundSecrets(Json.text(json, "issuer").map(Issuer::new).orElse(null),
        Json.text(json, "clientId").map(ClientId::new).orElse(null),
        Json.text(json, "clientSecret").map(ClientSecret::new).orElse(null), credentials(json));
  }

  private static @Nullable LiveCredentials credentials(ObjectNode json) {
    return Json.text(json, "accessToken").map(token -> new LiveCredentials(new AccessToken(token),
        Json.text(json, "refreshToken").map(RefreshToken::new).orElse(null),
        Scopes.parse(json.path("scope").asText("")), moment(json, "obtainedAtMillis"), moment(json, "expiresAtMillis")))
        .orElse(null);
  }

  private static @Nullable Instant moment(ObjectNode json, String member) {
    return json.hasNonNull(member) ? Instant.ofEpochMilli(json.path(member).longValue()) : null;
  }
}
