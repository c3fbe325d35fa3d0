package social.avatarai.mcp.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.Site;

/**
 * The metadata of an authorization server (RFC 8414 §2, OpenID Connect Discovery §3).
 *
 * <p>Not supported: {@code signed_metadata}, mTLS endpoint aliases.
 *
 * @param issuer {@code issuer}, required, byte-equal to the requested issuer
 * @param registeredAt under which issuer its clients are kept: this one, or see {@link StatedEndpoints#registeredAt}
 * @param authorizationEndpoint {@code authorization_endpoint}, required
 * @param tokenEndpoint {@code token_endpoint}, required
 * @param registrationEndpoint {@code registration_endpoint}; null when absent
 * @param codeChallengeMethods {@code code_challenge_methods_supported}; null when absent
 * @param tokenEndpointAuthMethods {@code token_endpoint_auth_methods_supported}; empty when absent
 * @param scopesSupported {@code scopes_supported}; none when absent
 * @param sendsIss {@code authorization_response_iss_parameter_supported} (RFC 9207 §3)
 * @param takesClientMetadataDocuments {@code client_id_metadata_document_supported}
 * @param document the whole document, attacker-controlled
 */
public record AuthorizationServerMetadata(Issuer issuer, Issuer registeredAt, EndpointUrl authorizationEndpoint,
    EndpointUrl tokenEndpoint, @Nullable EndpointUrl registrationEndpoint, @Nullable List<String> codeChallengeMethods,
    List<String> tokenEndpointAuthMethods, Scopes scopesSupported, boolean sendsIss,
    boolean takesClientMetadataDocuments,
    ObjectNode document) {

  /** Metadata that no record states. */
  public AuthorizationServerMetadata(Issuer issuer, EndpointUrl authorizationEndpoint, EndpointUrl tokenEndpoint,
      @Nullable EndpointUrl registrationEndpoint, @Nullable List<String> codeChallengeMethods,
      List<String> tokenEndpointAuthMethods, Scopes scopesSupported, boolean sendsIss,
      boolean takesClientMetadataDocuments, ObjectNode document) {
    this(issuer, issuer, authorizationEndpoint, tokenEndpoint, registrationEndpoint, codeChallengeMethods,
        tokenEndpointAuthMethods, scopesSupported, sendsIss, takesClientMetadataDocuments, document);
  }

  /** Checks and reads a document that was found for this issuer. */
  static AuthorizationServerMetadata judge(Issuer issuer, ObjectNode document) {
    return judge(issuer, null, document);
  }

  /**
   * The same, where a profile knows another issuer that the document may name.
   *
   * <p>Rule: metadata that names another issuer is not used (RFC 8414 §3.3). Deviation: one other issuer, from the profile
   * of this issuer. Forced by: Atlassian and Slack, whose metadata names another host of their own. Still strict: the
   * document comes from the well-known URL of this issuer, the other issuer is on its site and compared exactly. From then
   * on the published issuer is the only one that an authorization response (RFC 9207) and an ID token may name.
   *
   * @param published the other issuer; null for none
   */
  static AuthorizationServerMetadata judge(Issuer issuer, @Nullable Issuer published, ObjectNode document) {
    String named = Json.text(document, "issuer").orElse("");
    boolean isPublished = published != null && named.equals(published.value());
    // RFC 8414 §3.3: if the issuer is not identical, the metadata must not be used.
    if (!named.equals(issuer.value()) && !isPublished) {
      throw new Failure.ProtocolBroken(ErrorCode.ISSUER_MISMATCH,
          "The authorization server's metadata is for another issuer.", named);
    }
    return read(issuer, document);
  }

  /** The same for an issuer that a person has written down. Both spellings have the same metadata URL. */
  static AuthorizationServerMetadata judgeWritten(Issuer written, @Nullable Issuer published, ObjectNode document) {
    var other = written.otherSpelling();
    boolean isOther = Json.text(document, "issuer").filter(other.value()::equals).isPresent();
    return judge(isOther ? other : written, published, document);
  }

  /**
   * The default metadata for a server of the 2025-03-26 specification that publishes none: the default endpoints at the
   * server's origin. S256 is assumed, because we always send S256.
   */
  static AuthorizationServerMetadata legacy(Issuer issuer) {
    var document = Json.newObject();
    document.put("issuer", issuer.value());
    document.put("authorization_endpoint", issuer + "/authorize");
    document.put("token_endpoint", issuer + "/token");
    document.put("registration_endpoint", issuer + "/register");
    document.putArray("code_challenge_methods_supported").add("S256");
    return read(issuer, document);
  }

  /** The metadata that a profile has for its issuer; empty if the issuer publishes its own metadata. */
  public static Optional<AuthorizationServerMetadata> ofProfile(Profile profile) {
    if (profile.metadata() == null) return Optional.empty();
    return Optional.of(read(profile.issuer(), profile.metadata().deepCopy().put("issuer", profile.issuer().value())));
  }

  /**
   * The endpoints that a user's own server record states. The record says nothing about PKCE, so nothing stands here
   * for it.
   */
  static AuthorizationServerMetadata stated(Issuer issuer, StatedEndpoints endpoints) {
    var document = Json.newObject().put("issuer", issuer.value())
        .put("authorization_endpoint", endpoints.authorization().value())
        .put("token_endpoint", endpoints.token().value());
    if (endpoints.revocation() != null) document.put("revocation_endpoint", endpoints.revocation().value());
    return read(issuer, endpoints.registeredAt(issuer), document);
  }

  private static AuthorizationServerMetadata read(Issuer issuer, ObjectNode document) {
    return read(issuer, issuer, document);
  }

  private static AuthorizationServerMetadata read(Issuer issuer, Issuer registeredAt, ObjectNode document) {
    return new AuthorizationServerMetadata(issuer, registeredAt, required(document, "authorization_endpoint"),
        required(document, "token_endpoint"), optional(document, "registration_endpoint"),
        document.hasNonNull("code_challenge_methods_supported")
            ? texts(document, "code_challenge_methods_supported")
            : null,
        texts(document, "token_endpoint_auth_methods_supported"),
        Scopes.lenient(texts(document, "scopes_supported")),
        document.path("authorization_response_iss_parameter_supported").asBoolean(false),
        document.path("client_id_metadata_document_supported").asBoolean(false), document);
  }

  /** Whether the document names another issuer than this one. Only a profile can allow that. */
  boolean isRenamed() {
    return !issuer.equals(publishedIssuer());
  }

  /** The issuer that the document names, by which the authorization server names itself in its responses too. */
  public Issuer publishedIssuer() {
    return new Issuer(document.path("issuer").asText(issuer.value()));
  }

  /** {@code pushed_authorization_request_endpoint} (RFC 9126 §5); empty when absent. */
  public Optional<EndpointUrl> pushedAuthorizationRequestEndpoint() {
    return Optional.ofNullable(optional(document, "pushed_authorization_request_endpoint"));
  }

  /** {@code require_pushed_authorization_requests} (RFC 9126 §5). */
  public boolean requiresPushedAuthorizationRequests() {
    return document.path("require_pushed_authorization_requests").asBoolean(false);
  }

  /** {@code grant_types_supported} (RFC 8414 §2); empty when absent. */
  public List<String> grantTypes() {
    return texts(document, "grant_types_supported");
  }

  /** {@code revocation_endpoint} (RFC 8414 §2); empty when absent. */
  public Optional<EndpointUrl> revocationEndpoint() {
    return Optional.ofNullable(optional(document, "revocation_endpoint"));
  }

  /**
   * {@code userinfo_endpoint} (OpenID Connect Discovery §3); empty when absent or invalid, because it is asked for a name
   * only.
   */
  public Optional<EndpointUrl> userinfoEndpoint() {
    return Json.text(document, "userinfo_endpoint").flatMap(AuthorizationServerMetadata::valid);
  }

  /** Whether {@code protected_resources} (RFC 9728 §4) names this resource. One trailing slash does not count. */
  boolean lists(ResourceUri resource) {
    return texts(document, "protected_resources").stream().flatMap(listed -> valid(listed).stream())
        .anyMatch(resource.url()::isSame);
  }

  /** Whether an endpoint that we use is on another site than the issuer. */
  boolean hasForeignEndpoints() {
    // An invalid one of these endpoints is never used, and is no reason to refuse a flow that does not need it.
    var others = Stream.of("revocation_endpoint", "pushed_authorization_request_endpoint")
        .flatMap(member -> Json.text(document, member).flatMap(AuthorizationServerMetadata::valid).stream());
    return Stream.concat(Stream.of(authorizationEndpoint, tokenEndpoint),
        Stream.concat(Stream.ofNullable(registrationEndpoint), others))
        .anyMatch(endpoint -> !Site.isShared(issuer.url(), endpoint));
  }

  private static Optional<EndpointUrl> valid(String url) {
    try {
      return Optional.of(new EndpointUrl(url));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static EndpointUrl required(ObjectNode document, String member) {
    var url = optional(document, member);
    if (url != null) return url;
    throw new Failure.ProtocolBroken(ErrorCode.INVALID_METADATA,
        "The authorization server's metadata has no " + member + ".", "");
  }

  private static @Nullable EndpointUrl optional(ObjectNode document, String member) {
    return Json.text(document, member).map(url -> EndpointUrl.ofDocument(member, url)).orElse(null);
  }

  /** The texts in a list; empty if the member is absent or is not a list. */
  static List<String> texts(ObjectNode document, String member) {
    return document.path(member).isArray()
        ? document.path(member).valueStream().filter(JsonNode::isTextual).map(JsonNode::textValue).toList()
        : List.of();
  }
}
