package social.avatarai.mcp.discovery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.http.Site;

/**
 * How one provider really behaves. A profile is a data file, keyed by issuer: of this product, or in the operator's
 * setting {@code PROVIDER_PROFILES}. For readers it may also have {@code title}, {@code notes} and {@code sources}: where
 * the provider documents, or others have seen, what the member of this name says.
 *
 * @param issuer {@code issuer}, required. With {@code {tenant}} in it the profile is a {@link ProfileFamily}
 * @param resourceOrigins {@code resource_origins}: origins for whose resources this issuer may be used, also where a server
 *         there publishes no metadata. The issuer is used for no other origin, unless the operator binds it. A profile with
 *         {@code metadata} keeps these origins for its issuer; elsewhere the server's own metadata counts, because the
 *         provider may have moved
 * @param pkceAssumed {@code pkce_assumed}: S256 works there, although the metadata does not say so
 * @param audienceUnchecked {@code audience_unchecked}: the issuer's JWT access tokens name an audience that is not the
 *         resource
 * @param plainCallback {@code plain_callback}: clients are registered there by hand with the plain callback
 * @param scopeSeparator {@code scope_separator}: the separator of scopes in the provider's responses
 * @param authMethod {@code token_endpoint_auth_method}; null to use the metadata
 * @param clientSettings {@code client_settings}: the prefix of the operator's settings for a client at this issuer,
 *         before {@code _CLIENT_ID} and {@code _CLIENT_SECRET_NAME}; null for {@code MCP_} and the name of the profile
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
 * @param responses {@code responses}: how its token responses differ
 * @param account {@code account}: where the provider says whose account a grant is for; null if it is not known
 * @param publishedIssuer {@code published_issuer}: the one other issuer, on the same site, that the published metadata may
 *        name; null for none
 */
public record Profile(Issuer issuer, List<String> resourceOrigins, boolean pkceAssumed, boolean audienceUnchecked,
    boolean plainCallback, String scopeSeparator, @Nullable ClientAuthenticationMethod authMethod,
    @Nullable String clientSettings, boolean secondConsentGivesNoRefreshToken,
    List<DeadTokenError> deadRefreshTokenErrors,
    boolean refreshNamesScope, List<String> serverIds, @Nullable ObjectNode metadata, ProviderRequests requests,
    ProviderResponses responses, @Nullable AccountSource account, @Nullable Issuer publishedIssuer) {

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

  /** A provider whose token responses are as the specification has them. */
  public Profile(Issuer issuer, List<String> resourceOrigins, boolean pkceAssumed, boolean audienceUnchecked,
      boolean plainCallback, String scopeSeparator, @Nullable ClientAuthenticationMethod authMethod,
      @Nullable String clientSettings, boolean secondConsentGivesNoRefreshToken,
      List<DeadTokenError> deadRefreshTokenErrors,
      boolean refreshNamesScope, List<String> serverIds, @Nullable ObjectNode metadata, ProviderRequests requests,
      @Nullable AccountSource account) {
    this(issuer, resourceOrigins, pkceAssumed, audienceUnchecked, plainCallback, scopeSeparator, authMethod,
        clientSettings, secondConsentGivesNoRefreshToken, deadRefreshTokenErrors, refreshNamesScope, serverIds,
        metadata, requests, ProviderResponses.STANDARD, account, null);
  }

  /**
   * Reads a profile. Fails with a {@link ProfileFault} that names the member which is unknown or cannot be used.
   */
  static Profile read(ObjectNode document) {
    var members = new ProfileMembers(document);
    return read(members, members.value("issuer", Issuer::new)
        .orElseThrow(() -> members.fault("issuer", "is missing")));
  }

  /** Reads a profile whose member {@code issuer} has been judged. */
  static Profile read(ProfileMembers members, Issuer issuer) {
    members.find("issuer");
    var origins = members.list("resource_origins", entry -> origin(entry.asText()));
    boolean pkceAssumed = members.flag("pkce_assumed", false);
    boolean audienceUnchecked = members.flag("audience_unchecked", false);
    boolean plainCallback = members.flag("plain_callback", false);
    String separator = members.value("scope_separator", Profile::separator).orElse(" ");
    var method = members.value("token_endpoint_auth_method", ClientAuthenticationMethod::ofWritten).orElse(null);
    var settings = members.value("client_settings", Profile::prefix).orElse(null);
    boolean once = members.flag("second_consent_gives_no_refresh_token", false);
    var dead = members.list("dead_refresh_token_errors", DeadTokenError::read);
    boolean named = members.flag("refresh_names_scope", false);
    var serverIds = members.texts("server_ids");
    var metadata = metadata(members, issuer);
    var requests = members.object("requests").map(ProviderRequests::read).orElse(ProviderRequests.STANDARD);
    var responses = members.object("responses").map(ProviderResponses::read).orElse(ProviderResponses.STANDARD);
    var account = members.object("account").map(AccountSource::read).orElse(null);
    var published = members.value("published_issuer", Issuer::new).orElse(null);
    members.ignoring("title", "notes", "sources");
    return members.all(() -> new Profile(issuer, origins, pkceAssumed, audienceUnchecked, plainCallback, separator,
        method, settings, once, dead, named, serverIds, metadata, requests, responses, account, published));
  }

  /** The same profile of another issuer. */
  Profile at(Issuer other) {
    return new Profile(other, resourceOrigins, pkceAssumed, audienceUnchecked, plainCallback, scopeSeparator,
        authMethod, clientSettings, secondConsentGivesNoRefreshToken, deadRefreshTokenErrors, refreshNamesScope,
        serverIds, metadata, requests, responses, account, publishedIssuer);
  }

  /**
   * Whether no server's metadata can name this issuer: the profile names the origins whose resources it is for, or its
   * tokens are for no resource at all, because the provider knows nothing of MCP servers. The same holds where nothing
   * checks which resource the tokens are for. Any server that could name such an issuer would get tokens that are good
   * for everything of the provider.
   */
  boolean isReserved() {
    return !resourceOrigins.isEmpty() || metadata != null || !requests.namesResource() || audienceUnchecked;
  }

  private static String origin(String value) {
    if (value.equals(new EndpointUrl(value).origin())) return value;
    throw new IllegalArgumentException("must be origins: https, a host in lower case, and no path");
  }

  private static String separator(String value) {
    if (value.equals(" ") || value.equals(",")) return value;
    throw new IllegalArgumentException("must be a space or a comma");
  }

  private static String prefix(String value) {
    if (value.matches("MCP(_[A-Z0-9]+)+")) return value;
    throw new IllegalArgumentException("must be like MCP_EXAMPLE");
  }

  /**
   * Whether the metadata may name another issuer that is on another site. This is checked for the operator's profiles
   * only, and for the profiles of the product by a test, because the list of sites takes long to read.
   */
  boolean isPublishedElsewhere() {
    return publishedIssuer != null && !Site.isShared(publishedIssuer.url(), issuer.url());
  }

  /** The document is judged here, so that a fault in it is not found by a user's flow. */
  private static @Nullable ObjectNode metadata(ProfileMembers members, Issuer issuer) {
    var found = members.find("metadata").orElse(null);
    if (found == null) return null;
    if (!(found instanceof ObjectNode document)) throw members.fault("metadata", "must be an object");
    try {
      var _ = AuthorizationServerMetadata.judge(issuer, document.deepCopy().put("issuer", issuer.value()));
    } catch (Failure failure) {
      throw members.fault("metadata", "cannot be used. " + failure.safeMessage());
    }
    if (!issuer.value().equals(document.path("issuer").asText(issuer.value())))
      throw members.fault("metadata", "is for another issuer");
    return document;
  }
}
