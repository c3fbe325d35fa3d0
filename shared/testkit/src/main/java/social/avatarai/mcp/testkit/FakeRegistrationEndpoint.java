package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.Json;

/** Dynamic client registration (RFC 7591 §3). Every registration makes a new client. */
final class FakeRegistrationEndpoint {
  private final AuthorizationServerKnobs knobs;
  private final String origin;
  private final Clients clients;
  private final Map<String, String> managementTokens = new HashMap<>();
  private final Map<ObjectNode, FakeClient> clientsOfEqualRegistrations = new HashMap<>();

  FakeRegistrationEndpoint(AuthorizationServerKnobs knobs, String origin, Clients clients) {
    this.knobs = knobs;
    this.origin = origin;
    this.clients = clients;
  }

  /** Deletes a registration. Any caller with the registration's token may do this (RFC 7592 §2.3). */
  Response end(Received request) {
    if (!request.method().equals("DELETE")) return Response.of(405).with("Allow", "DELETE");
    String client = request.path().substring(request.path().lastIndexOf('/') + 1);
    String token = request.header("authorization").orElse("").replaceFirst("^Bearer ", "");
    if (!knobs.forgets) return Response.of(204);
    if (!managementTokens.remove(client, token)) return Response.of(401);
    clients.remove(client);
    return Response.of(204);
  }

  Response respond(Received request) {
    if (!knobs.registers) return Response.of(404);
    if (!request.method().equals("POST")) return Response.of(405).with("Allow", "POST");
    try {
      return register(request);
    } catch (Refusal refusal) {
      return refusal.response();
    }
  }

  private Response register(Received request) {
    if (knobs.registrationRefusal != null) throw knobs.registrationRefusal;
    if (!request.isJson()) throw invalidMetadata("the request is no JSON");
    knobs.provider.registration.require(request);
    var asked = request.json();
    requireRedirectUris(FakeClient.strings(asked, "redirect_uris"));
    if (asked.has("scope") && !knobs.registrationTakesScope) {
      throw new Refusal(400, "invalid_scope", "a registration names no scope here");
    }
    if (!knobs.grantTypes.containsAll(FakeClient.strings(asked, "grant_types"))) {
      throw invalidMetadata("grant_types has one that is not supported");
    }
    for (String member : knobs.refusedMembers) {
      if (asked.has(member)) throw new Refusal(422, "validation_error", "unknown property " + member);
    }
    var client = knobs.oneClientForEqualRegistrations
        ? clientsOfEqualRegistrations.computeIfAbsent(asked.deepCopy(), _ -> client(asked))
        : client(asked);
    clients.register(client);
    if (knobs.defaultScopes != null) {
      clients.allow(client, Json.text(asked, "scope").map(Scopes::parse).orElse(knobs.defaultScopes));
    }
    var document = knobs.registrationResponse.applyTo(document(asked, client));
    var named = knobs.provider.registration.named;
    if (!named.isEmpty()) document.retain(named);
    return knobs.wrapped(Response.json(knobs.registrationStatus, document)).with("Cache-Control", "no-store");
  }

  private FakeClient client(ObjectNode asked) {
    String method = Json.text(asked, "token_endpoint_auth_method").orElse("client_secret_basic"); // RFC 7591 §2
    if (!knobs.authMethods.contains(method)) throw invalidMetadata("token_endpoint_auth_method " + method);
    @Nullable
    String secret = method.equals("none") ? null : knobs.provider.registration.newSecret();
    return new FakeClient(knobs.provider.registration.newId(), secret, method,
        FakeClient.strings(asked, "redirect_uris")::contains, grantTypes(asked), secretExpiry(),
        FakeClient.nameIn(asked));
  }

  // RFC 7591 §2: without grant_types a client has only the authorization code grant.
  private static Set<String> grantTypes(ObjectNode asked) {
    return asked.has("grant_types") ? FakeClient.strings(asked, "grant_types") : Set.of("authorization_code");
  }

  private Instant secretExpiry() {
    return knobs.secretLifetime.equals(Duration.ZERO) ? Instant.MAX : knobs.clock.instant().plus(knobs.secretLifetime);
  }

  private ObjectNode document(ObjectNode asked, FakeClient client) {
    var document = asked.deepCopy().put("client_id", client.id())
        .put("client_id_issued_at", knobs.clock.instant().getEpochSecond())
        .put("token_endpoint_auth_method", client.authMethod());
    if (knobs.defaultScopes != null && knobs.namesDefaultScopes && !asked.has("scope")) {
      document.put("scope", knobs.defaultScopes.toString());
    }
    if (knobs.managesRegistrations) {
      String token = "manage-" + (knobs.oneClientForEqualRegistrations ? client.id() : Unguessable.text());
      managementTokens.put(client.id(), token);
      document.put("registration_access_token", token).put("registration_client_uri",
          origin + knobs.issuerPath + "/register/" + client.id());
    }
    if (client.secret() == null && knobs.provider.registration.secretForPublicClients)
      return document.put("client_secret", knobs.provider.registration.newSecret());
    if (client.secret() == null) return document;
    boolean expires = !client.secretExpiresAt().equals(Instant.MAX);
    return document.put("client_secret", client.secret())
        .put("client_secret_expires_at", expires ? client.secretExpiresAt().getEpochSecond() : 0);
  }

  private static void requireRedirectUris(Set<String> redirectUris) {
    if (redirectUris.isEmpty() || !redirectUris.stream().allMatch(FakeRegistrationEndpoint::isRedirectUri)) {
      throw new Refusal(400, "invalid_redirect_uri", "redirect_uris must name absolute URIs without fragment");
    }
  }

  private static boolean isRedirectUri(String text) {
    try {
      var uri = new URI(text);
      return uri.isAbsolute() && uri.getRawFragment() == null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static Refusal invalidMetadata(String description) {
    return new Refusal(400, "invalid_client_metadata", description);
  }
}
