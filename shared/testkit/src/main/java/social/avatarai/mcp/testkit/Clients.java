package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Scopes;

/** The clients that the authorization server knows, and their authentication (RFC 6749 §2.3). */
final class Clients {
  private final AuthorizationServerKnobs knobs;
  private final Map<String, FakeClient> clients = new HashMap<>();
  private final Set<String> registered = new HashSet<>();
  private final Map<String, Scopes> scopes = new HashMap<>();

  Clients(AuthorizationServerKnobs knobs) {
    this.knobs = knobs;
  }

  private record Credentials(String id, String secret) {}

  void add(FakeClient client) {
    clients.put(client.id(), client);
  }

  void register(FakeClient client) {
    add(client);
    registered.add(client.id());
  }

  /** The only scopes that this client may request. */
  void allow(FakeClient client, Scopes only) {
    scopes.put(client.id(), only);
  }

  boolean mayRequest(FakeClient client, String scope) {
    return !scopes.containsKey(client.id()) || scopes.get(client.id()).contains(scope);
  }

  void remove(String id) {
    clients.remove(id);
  }

  /** Removes the clients that registered themselves, as real servers do after a while. */
  void forgetRegistered() {
    clients.keySet().removeAll(registered);
  }

  Optional<FakeClient> find(@Nullable String id) {
    return Optional.ofNullable(id).map(clients::get);
  }

  /** The same for a pushed authorization request, whose {@code client_id} is a parameter of its own (RFC 9126 §2.1). */
  FakeClient authenticatePush(Received request) {
    return authenticate(request, request.parameters().containsKey("client_secret"));
  }

  /** The client of a token or revocation request, authenticated only by its registered method. */
  FakeClient authenticate(Received request) {
    return authenticate(request, request.parameters().containsKey("client_secret")
        || request.parameters().containsKey("client_id"));
  }

  /** The client that a request names, without its authentication. */
  Optional<FakeClient> named(Received request) {
    return find(request.header("authorization").map(Clients::basic).map(Credentials::id)
        .orElseGet(() -> request.parameters().getOrDefault("client_id", "")));
  }

  /** The client of a request that is authenticated by Basic, whatever the client's method at the token endpoint is. */
  FakeClient authenticateByBasic(Received request) {
    var given = request.header("authorization").map(Clients::basic)
        .orElseThrow(() -> Refusal.invalidClient("Requires authentication"));
    var client = find(given.id()).orElseThrow(() -> Refusal.invalidClient("unknown client"));
    requireSecret(client, given.secret());
    return client;
  }

  /** The client whose identifier and secret are members of a body, whatever the client's method is elsewhere. */
  FakeClient authenticateInBody(Map<String, String> members) {
    var client = find(members.get("client_id")).orElseThrow(() -> Refusal.invalidClient("unknown client"));
    requireSecret(client, members.getOrDefault("client_secret", ""));
    return client;
  }

  private FakeClient authenticate(Received request, boolean inBody) {
    var form = request.parameters();
    var basic = request.header("authorization").map(Clients::basic);
    // RFC 6749 §5.2 forbids more than one mechanism. A client_id beside Basic is refused too, as real servers do.
    if (basic.isPresent() && inBody) {
      throw Refusal.invalidRequest("more than one client authentication");
    }
    String method = basic.isPresent()
        ? "client_secret_basic"
        : form.containsKey("client_secret") ? "client_secret_post" : "none";
    var given = basic.orElseGet(
        () -> new Credentials(form.getOrDefault("client_id", ""), form.getOrDefault("client_secret", "")));
    var client = find(given.id()).orElseThrow(() -> Refusal.invalidClient("unknown client"));
    requireMethod(client, method);
    requireSecret(client, given.secret());
    return client;
  }

  private static void requireMethod(FakeClient client, String method) {
    if (!client.authMethod().equals(method)) {
      throw Refusal.invalidClient("this client authenticates by " + client.authMethod() + ", not by " + method);
    }
  }

  private void requireSecret(FakeClient client, String secret) {
    if (!Objects.requireNonNullElse(client.secret(), "").equals(secret)) throw Refusal.invalidClient("wrong secret");
    if (!knobs.clock.instant().isBefore(client.secretExpiresAt()))
      throw Refusal.invalidClient("the secret has expired");
  }

  // RFC 6749 §2.3.1: client id and secret are form-encoded before they are joined.
  private static Credentials basic(String header) {
    try {
      if (!header.startsWith("Basic ")) throw Refusal.invalidClient("unknown authentication scheme");
      String pair = new String(Base64.getDecoder().decode(header.substring("Basic ".length())), UTF_8);
      int colon = pair.indexOf(':');
      if (colon < 0) throw Refusal.invalidClient("Basic without a colon");
      return new Credentials(URLDecoder.decode(pair.substring(0, colon), UTF_8),
          URLDecoder.decode(pair.substring(colon + 1), UTF_8));
    } catch (IllegalArgumentException e) {
      throw Refusal.invalidClient("malformed Basic credentials");
    }
  }
}
