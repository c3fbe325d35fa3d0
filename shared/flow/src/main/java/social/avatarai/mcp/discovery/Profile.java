package social.avatarai.mcp.discovery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.http.Json;

/**
 * How one provider really behaves. A profile is a data file of this product, keyed by issuer.
 *
 * @param issuer {@code issuer}, required
 * @param resourceOrigins {@code resource_origins}: origins for whose resources this issuer may be used, even if their
 *         metadata does not name the issuer. The issuer is used for no other origin, and these origins with no other
 *         issuer, unless the operator binds them
 * @param pkceAssumed {@code pkce_assumed}: S256 works there, although the metadata does not say so
 * @param audienceUnchecked {@code audience_unchecked}: the issuer's JWT access tokens name an audience that is not the
 *         resource
 * @param plainCallback {@code plain_callback}: clients are registered there by hand with the plain callback
 * @param scopeSeparator {@code scope_separator}: the separator of scopes in the provider's responses
 * @param authMethod {@code token_endpoint_auth_method}; null to use the metadata
 * @param clientSettings {@code client_settings}: the prefix of the operator's settings for a client at this issuer,
 *         before {@code _CLIENT_ID} and {@code _CLIENT_SECRET}; null for none
 * @param secondConsentGivesNoRefreshToken {@code second_consent_gives_no_refresh_token}: a user who consents again gets
 *         no new refresh token, and the refresh token of the first consent stays valid
 * @param deadRefreshTokenErrors {@code dead_refresh_token_errors}: the errors with which this provider says that a
 *        refresh token is dead, beside those that are known everywhere
 * @param refreshNamesScope {@code refresh_names_scope}: a refresh must name the granted scopes there. Elsewhere the
 *        scopes are left out, which means the same (RFC 6749 §6)
 * @param serverIds {@code server_ids}: the {@code mcpId}s of records that mean this provider where they name no issuer
 * @param metadata {@code metadata}: the members of authorization server metadata (RFC 8414 §2), for a provider that
 *        publishes none; null to fetch the metadata
 * @param requests {@code requests}: how requests to this provider differ
 * @param account {@code account}: where the provider says whose account a grant is for; null if it is not known
 */
public record Profile(Issuer issuer, List<String> resourceOrigins, boolean pkceAssumed, boolean audienceUnchecked,
    boolean plainCallback, String scopeSeparator, @Nullable ClientAuthenticationMethod authMethod,
    @Nullable String clientSettings, boolean secondConsentGivesNoRefreshToken,
    List<DeadTokenError> deadRefreshTokenErrors,
    boolean refreshNamesScope, List<String> serverIds, @Nullable ObjectNode metadata, ProviderRequests requests,
    @Nullable AccountSource account) {

  public Profile {
    serverIds = List.copyOf(serverIds);
    resourceOrigins = List.copyOf(resourceOrigins);
    deadRefreshTokenErrors = List.copyOf(deadRefreshTokenErrors);
  }

  /** A provider without error words of its own for a dead refresh token, at which a refresh names no scopes. */
  public Profile(Issuer issuer, List<String> resourceOrigins, boolean pkceAssumed, boolean audienceUnchecked,
      boolean plainCallback, String scopeSeparator, @Nullable ClientAuthenticationMethod authMethod,
      @Nullable String clientSettings, boolean secondConsentGivesNoRefreshToken) {
    this(issuer, resourceOrigins, pkceAssumed, audienceUnchecked, plainCallback, scopeSeparator, authMethod,
        clientSettings, secondConsentGivesNoRefreshToken, List.of(), false);
  }

  /** A provider with metadata of its own, and with requests as the specifications have them. */
  public Profile(Issuer issuer, List<String> resourceOrigins, boolean pkceAssumed, boolean audienceUnchecked,
      boolean plainCallback, String scopeSeparator, @Nullable ClientAuthenticationMethod authMethod,
      @Nullable String clientSettings, boolean secondConsentGivesNoRefreshToken,
      List<DeadTokenError> deadRefreshTokenErrors,
      boolean refreshNamesScope) {
    this(issuer, resourceOrigins, pkceAssumed, audienceUnchecked, plainCallback, scopeSeparator, authMethod,
        clientSettings, secondConsentGivesNoRefreshToken, deadRefreshTokenErrors, refreshNamesScope, List.of(), null,
        ProviderRequests.STANDARD, null);
  }

  static Profile read(ObjectNode document) {
    return new Profile(new Issuer(document.path("issuer").asText()),
        AuthorizationServerMetadata.texts(document, "resource_origins"), document.path("pkce_assumed").asBoolean(false),
        document.path("audience_unchecked").asBoolean(false), document.path("plain_callback").asBoolean(false),
        Json.text(document, "scope_separator").orElse(" "), method(document).orElse(null),
        Json.text(document, "client_settings").orElse(null),
        document.path("second_consent_gives_no_refresh_token").asBoolean(false),
        document.path("dead_refresh_token_errors").valueStream().map(DeadTokenError::read).toList(),
        document.path("refresh_names_scope").asBoolean(false),
        AuthorizationServerMetadata.texts(document, "server_ids"),
        document.get("metadata") instanceof ObjectNode metadata ? metadata : null,
        ProviderRequests.read(document.path("requests")),
        document.get("account") instanceof ObjectNode account ? AccountSource.read(account) : null);
  }

  /**
   * Whether no server's metadata can name this issuer: the profile names the origins whose resources it is for, or its
   * tokens are for no resource at all, because the provider knows nothing of MCP servers. Any server that could name
   * such an issuer would get tokens that are good for everything of the provider.
   */
  boolean isReserved() { return !resourceOrigins.isEmpty() || metadata != null || !requests.namesResource(); }

  private static Optional<ClientAuthenticationMethod> method(ObjectNode document) {
    return Json.text(document, "token_endpoint_auth_method").map(name -> ClientAuthenticationMethod.ofWire(name)
        .orElseThrow(() -> new IllegalStateException("profile names an unknown method " + name)));
  }
}
