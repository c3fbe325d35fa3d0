package social.avatarai.mcp.registration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.SalvagedJson;

/**
 * The response of an authorization server to a registration (RFC 7591 §3.2). Judging it is pure.
 *
 * <p>Members that are not named here are ignored. See {@link RegistrationManagement} for how to delete the
 * registration.
 *
 * @param clientId {@code client_id}, required
 * @param secret {@code client_secret}; null when there is none
 * @param method the method in the response, else the requested one; none if a secret is needed and none came
 * @param scope {@code scope}, else the requested scope
 * @param expiresAt {@code client_secret_expires_at}; null for never
 * @param document the whole response, attacker-controlled
 */
record RegistrationResponse(ClientId clientId, @Nullable ClientSecret secret, ClientAuthenticationMethod method,
    Scopes scope, @Nullable Instant expiresAt, ObjectNode document) {

  /** A value above this is taken as milliseconds since the epoch: some servers send those. */
  private static final long LATEST_SECOND = 100_000_000_000L;

  /** What was requested. A response may leave it out. */
  record Requested(RedirectUri redirectUri, ClientAuthenticationMethod method, Scopes scope) {}

  /** Judges a response. Any 2xx with a client identifier is a success: some servers send 200, not 201. */
  static RegistrationResponse judge(HttpResponse response, Requested requested) {
    var json = response.salvaged();
    var body = json.object().orElse(Json.newObject());
    if (!response.head().isSuccess()) throw refused(response, body);
    try {
      requireReadable(json);
      return accepted(body, requested);
    } catch (Failure.ProtocolBroken broken) {
      throw broken.withUpstreamStatus(response.status());
    }
  }

  /** The client may exist at the server. It is unknown to us which one of the two values is its own. */
  private static void requireReadable(SalvagedJson json) {
    if (json instanceof SalvagedJson.Ambiguous) {
      throw new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER,
          "The registration response has two values for one name.", "");
    }
    if (json instanceof SalvagedJson.TooDeep) {
      throw new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER,
          "The registration response is nested deeper than " + Json.MAX_DEPTH + " levels.", "");
    }
  }

  private static RegistrationResponse accepted(ObjectNode body, Requested requested) {
    String id = Json.text(body, "client_id").filter(ClientId::isValid)
        .orElseThrow(() -> new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER,
            "The registration response has no client identifier of at most " + ClientId.MAX_LENGTH + " characters.",
            ""));
    requireRedirectUri(body, requested.redirectUri());
    var secret = Json.text(body, "client_secret").map(ClientSecret::new).orElse(null);
    return new RegistrationResponse(new ClientId(id), secret, method(body, requested, secret != null),
        scope(body).orElse(requested.scope()), expiry(body.path("client_secret_expires_at")), body);
  }

  private static Failure refused(HttpResponse response, ObjectNode body) {
    return new Failure.Refused(ErrorCode.REGISTRATION_REFUSED,
        "The authorization server refused to register this client; a pre-registered client may be needed.",
        "status " + response.status() + " " + Json.text(body, "error").orElse(""))
        .withUpstreamStatus(response.status());
  }

  // RFC 7591 §3.2.1: the server may replace what was requested. Another redirect URI would be useless, or a trap.
  private static void requireRedirectUri(ObjectNode body, RedirectUri ours) {
    JsonNode received = body.path("redirect_uris");
    if (!received.isArray() || received.isEmpty()) return;
    for (JsonNode uri : received)
      if (ours.value().equals(uri.asText())) return;
    throw new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER,
        "The registration response has other redirect URIs.", "");
  }

  private static ClientAuthenticationMethod method(ObjectNode body, Requested requested, boolean hasSecret) {
    var method = Json.text(body, "token_endpoint_auth_method").map(name -> ClientAuthenticationMethod.ofWire(name)
        .orElseThrow(() -> new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER,
            "The registration response has a client authentication method that was not requested.", name)))
        .orElse(requested.method());
    return hasSecret ? method : ClientAuthenticationMethod.NONE;
  }

  private static Optional<Scopes> scope(ObjectNode body) {
    return Json.text(body, "scope").map(text -> Scopes.lenient(List.of(text.split(" +"))));
  }

  private static @Nullable Instant expiry(JsonNode member) {
    long seconds = member.asLong(0);
    if (seconds <= 0) return null;
    return Instant.ofEpochSecond(seconds > LATEST_SECOND ? seconds / 1000 : seconds);
  }
}
