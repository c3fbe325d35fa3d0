package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A client that the authorization server knows.
 *
 * @param secret null for a public client
 * @param authMethod {@code none}, {@code client_secret_basic} or {@code client_secret_post}: the only method that the
 *         client may use
 * @param redirects the registered redirect URIs
 * @param grantTypes the grant types; a refresh token is only issued if {@code refresh_token} is one of them
 * @param secretExpiresAt the time from which the secret is refused
 * @param name the name on the consent page; null for a client without a name
 */
public record FakeClient(String id, @Nullable String secret, String authMethod, Predicate<String> redirects,
    Set<String> grantTypes, Instant secretExpiresAt, @Nullable String name) {

  private static final Set<String> CODE_AND_REFRESH = Set.of("authorization_code", "refresh_token");

  /** A client without a secret, registered beforehand. */
  public static FakeClient publicClient(String id, String... redirectUris) {
    return new FakeClient(id, null, "none", Set.of(redirectUris)::contains, CODE_AND_REFRESH, Instant.MAX, null);
  }

  /** A client with a secret, registered beforehand. It authenticates by {@code client_secret_basic}. */
  public static FakeClient confidential(String id, String secret, String... redirectUris) {
    return new FakeClient(id, secret, "client_secret_basic", Set.of(redirectUris)::contains, CODE_AND_REFRESH,
        Instant.MAX, null);
  }

  /**
   * The client that a Client ID Metadata Document describes, as if the server had fetched the document from its
   * {@code client_id}.
   */
  public static FakeClient ofDocument(JsonNode document) {
    return new FakeClient(document.path("client_id").asText(), null,
        document.path("token_endpoint_auth_method").asText("none"), strings(document, "redirect_uris")::contains,
        strings(document, "grant_types"), Instant.MAX, nameIn(document));
  }

  public FakeClient authenticatingBy(String method) {
    return new FakeClient(id, secret, method, redirects, grantTypes, secretExpiresAt, name);
  }

  public FakeClient acceptingRedirects(Predicate<String> accepted) {
    return new FakeClient(id, secret, authMethod, accepted, grantTypes, secretExpiresAt, name);
  }

  public FakeClient named(@Nullable String newName) {
    return new FakeClient(id, secret, authMethod, redirects, grantTypes, secretExpiresAt, newName);
  }

  boolean refreshes() {
    return grantTypes.contains("refresh_token");
  }

  /** The {@code client_name} in a client's metadata (RFC 7591 §2); null if absent. */
  static @Nullable String nameIn(JsonNode document) {
    return document.path("client_name").textValue();
  }

  static Set<String> strings(JsonNode document, String member) {
    var values = new HashSet<String>();
    document.path(member).forEach(value -> values.add(value.asText()));
    return values;
  }

  /** Does not print the secret, although it is fake, because readers copy code from here. */
  @Override
  public String toString() {
    return "FakeClient[" + id + "]";
  }
}
