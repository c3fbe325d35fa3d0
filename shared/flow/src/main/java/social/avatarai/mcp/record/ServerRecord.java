package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.PublicBase;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.StdioName;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.discovery.StatedEndpoints;
import social.avatarai.mcp.registration.RedirectUris;
import social.avatarai.mcp.token.Grant;

/**
 * A valid server record as a user sends it.
 *
 * <p>Required: {@code endpoint.url}, or the name of a program, see {@link StdioEndpoint}. Not supported, and refused
 * rather than ignored: transports other than those of {@link EndpointType}. Unknown members stay as they are. A user
 * cannot write a built-in record.
 *
 * @param url {@code endpoint.url}, or the URL that stands for a program; its query is hidden where the user sends a
 *        record back as it was shown
 * @param enabled {@code enabled}
 * @param scopes {@code authorization.scopes}
 * @param client {@code authorization.config}
 * @param credentials {@code authorization.credentials}; null if there are no tokens in it
 * @param entered {@code authorization.method}, and the token, key and headers that the user enters
 * @param document the record without its secrets
 */
public record ServerRecord(EndpointUrl url, boolean enabled, Scopes scopes, Client client,
    @Nullable LiveCredentials credentials, GivenCredentials entered, ObjectNode document) {
  /** In bytes: the size of a record in the table. */
  private static final int MAX_BYTES = 64 * 1024;
  /** With its list around it, a record is still a document that can be read. */
  private static final int MAX_DEPTH = 290;
  /** In characters. */
  private static final int MAX_SECRET_LENGTH = 4096;

  /**
   * {@code authorization.config}: the user's client, and the issuer that it belongs to.
   *
   * @param issuer {@code issuer}, else the issuer of {@code profile}, else, for a record with a client or tokens, the
   *        issuer of the profile that claims the {@code mcpId}; null if none of them is there
   * @param id {@code client_id}; null for the one of this service. It belongs to the issuer: without an issuer it is
   *        not used
   * @param secret {@code client_secret}; null when there is none, or when the stored one stays
   * @param redirectUri {@code redirect_uri}; null when absent
   * @param method {@code token_endpoint_auth_method}; null when absent
   * @param endpoints the endpoints of the issuer; null when absent, see {@link RecordEndpoints}
   */
  public record Client(@Nullable Issuer issuer, @Nullable ClientId id, @Nullable ClientSecret secret,
      @Nullable RedirectUri redirectUri, @Nullable ClientAuthenticationMethod method,
      @Nullable StatedEndpoints endpoints) {}

  public static ServerRecord read(ConnectionKey key, ObjectNode body, Profiles profiles) {
    var record = new RecordFields(body);
    record.requireDepth(MAX_DEPTH);
    requireOwn(key, record);
    RecordTypes.require(record);
    var authorization = record.object("authorization");
    requireNoBuiltIn(record);
    var endpoint = record.object("endpoint");
    var url = StdioEndpoint.isIn(endpoint) ? StdioEndpoint.url(endpoint, authorization) : url(endpoint);
    var entered = GivenCredentials.read(endpoint, authorization);
    var scopes = RecordTypes.scopes(authorization);
    ConsentSecrets.requireMethod(authorization, entered.method());
    var client = client(authorization, entered.method(), profiles);
    if (entered.method() == AuthorizationMethod.OAUTH2) client = claimed(client, key, authorization, profiles);
    var credentials = LiveCredentials.read(record, separator(client, profiles)).orElse(null);
    var document = kept(key, body, url, entered);
    ConsentSecrets.requireNoneIn(document, client, credentials);
    return new ServerRecord(url, record.flag("enabled", true), scopes, client, credentials, entered, document);
  }

  /**
   * {@code createdAt}, in seconds since 1970; empty if the record does not say, or has a zero there.
   */
  public Optional<Long> createdAt() {
    var value = document.path("createdAt");
    if (value.isMissingNode() || value.isNull()) return Optional.empty();
    if (!value.isIntegralNumber() || !value.canConvertToLong())
      throw new RecordFields(document).bad("createdAt", "must be a number of seconds since 1970");
    return Optional.of(value.longValue()).filter(seconds -> seconds > 0);
  }

  /** The client at the issuer of the profile that claims this {@code mcpId}, if the record names no issuer itself. */
  private static Client claimed(Client client, ConnectionKey key, RecordFields authorization, Profiles profiles) {
    var credentials = authorization.object("credentials");
    boolean hasSecrets = client.id() != null || credentials.isSaid("access_token")
        || credentials.isSaid("refresh_token");
    if (client.issuer() != null || !hasSecrets) return client;
    var issuer = profiles.all().stream().filter(one -> one.serverIds().contains(key.connection().value())).findFirst()
        .map(Profile::issuer).orElse(null);
    return new Client(issuer, client.id(), client.secret(), client.redirectUri(), client.method(),
        client.endpoints());
  }

  private static String separator(Client client, Profiles profiles) {
    if (client.endpoints() != null) return client.endpoints().scopeSeparator();
    return Optional.ofNullable(client.issuer()).flatMap(profiles::of).map(Profile::scopeSeparator).orElse(" ");
  }

  /**
   * The URL with its query. Where the user sends the hidden query back, the stored query stays, but only for the URL
   * that it was stored for.
   */
  public EndpointUrl urlAfter(Optional<McpServer> before) {
    if (!url.isRedacted()) return url;
    return before.map(McpServer::url)
        .filter(stored -> stored.withoutQuery().equals(url.withoutQuery()) && !stored.queryPart().isEmpty())
        .orElseThrow(
            () -> new Failure.BadRequest(ErrorCode.INVALID_URL, "The record's endpoint.url hides its query, and "
                + "no query is stored for this URL: send the whole URL."));
  }

  /** The document, with the warnings that apply to this deployment. */
  public ObjectNode documentAt(PublicBase base) {
    if (!isRedirectedElsewhere(base)) return document;
    var warned = document.deepCopy();
    warned.putArray("warnings").add(Grant.Warning.REDIRECT_URI_ELSEWHERE.wireName());
    return warned;
  }

  private boolean isRedirectedElsewhere(PublicBase base) {
    return client.id() != null && client.issuer() != null && client.redirectUri() != null
        && new RedirectUris(client.issuer(), base, false).isElsewhere(client.redirectUri());
  }

  private static void requireOwn(ConnectionKey key, RecordFields record) {
    if (record.text("mcpId").filter(id -> !id.equals(key.connection().value())).isPresent()) {
      throw RecordFields.bad("The record's mcpId is not the one in the path.");
    }
    if (record.text("userId").filter(user -> !user.equals(key.user().value())).isPresent()) {
      throw new Failure.NotPermitted(ErrorCode.FORBIDDEN, "The record is another user's.");
    }
  }

  private static void requireNoBuiltIn(RecordFields record) {
    if (record.flag("isBuiltin", false)) {
      throw new Failure.NotPermitted(ErrorCode.FORBIDDEN,
          "Only the operator (scope mcp:operator) writes built-in records.");
    }
  }

  private static EndpointUrl url(RecordFields endpoint) {
    requireTransport(endpoint);
    String address = endpoint.required("url");
    var url = endpoint.value("url", ErrorCode.INVALID_URL, () -> new EndpointUrl(address));
    if (StdioName.isReserved(url)) throw endpoint.bad("url", "is at a host that this service uses itself");
    return url;
  }

  private static void requireTransport(RecordFields endpoint) {
    EndpointType.requireOffered(endpoint);
    Stream.of("command", "args", "env").filter(endpoint::isSaid).findFirst().ifPresent(member -> {
      throw new Failure.BadRequest(ErrorCode.UNSUPPORTED_RECORD, "The record's endpoint." + member
          + " belongs to a program that runs beside its client. Such servers are not offered here.");
    });
  }

  /** The client that a consent uses. Beside another method, what the record says of one is checked, but not used. */
  private static Client client(RecordFields authorization, AuthorizationMethod method, Profiles profiles) {
    var client = client(authorization.object("config"), profiles);
    return method == AuthorizationMethod.OAUTH2 ? client : new Client(null, null, null, null, null, null);
  }

  private static Client client(RecordFields config, Profiles profiles) {
    var profile = config.text("profile").map(name -> profiles.named(name).orElseThrow(() -> new Failure.BadRequest(
        ErrorCode.UNSUPPORTED_RECORD, "The record's authorization.config.profile must be one of this deployment's: "
            + String.join(", ", profiles.names()) + ".")));
    var issuer = config.text("issuer").map(url -> config.value("issuer", ErrorCode.INVALID_URL, () -> new Issuer(url)));
    if (issuer.isPresent() && profile.isPresent() && !issuer.get().means(profile.get().issuer())) {
      throw config.bad("issuer", "is not the one of its profile");
    }
    // The published spelling, as far as it is known here.
    var known = issuer.map(written -> written.among(profiles.issuers())).or(() -> profile.map(p -> p.issuer()));
    var id = config.text("client_id", ClientId.MAX_LENGTH)
        .map(text -> config.value("client_id", ErrorCode.INVALID_REQUEST, () -> new ClientId(text)));
    var secret = config.text("client_secret", MAX_SECRET_LENGTH).map(ClientSecret::new);
    if (secret.isPresent() && id.isEmpty()) throw config.bad("client_secret", "is there without its client_id");
    return new Client(known.orElse(null), id.orElse(null), secret.orElse(null), redirectUri(config), method(config),
        RecordEndpoints.read(config, known.orElse(null), id.orElse(null), profiles));
  }

  private static @Nullable RedirectUri redirectUri(RecordFields config) {
    return config.url("redirect_uri").map(url -> new RedirectUri(url.value())).orElse(null);
  }

  private static @Nullable ClientAuthenticationMethod method(RecordFields config) {
    return config.text("token_endpoint_auth_method").map(name -> ClientAuthenticationMethod.ofWire(name).orElseThrow(
        () -> config.bad("token_endpoint_auth_method", "is not one that this service speaks")))
        .orElse(null);
  }

  /** The document without secrets, and without the members that this service adds when it shows a record. */
  private static ObjectNode kept(ConnectionKey key, ObjectNode body, EndpointUrl url, GivenCredentials given) {
    var document = body.deepCopy();
    given.removeFrom(document);
    document.put("mcpId", key.connection().value()).put("userId", key.user().value()).putNull("error")
        .remove("cause");
    document.remove("warnings");
    document.remove(ServerOffer.CHANGES);
    if (new RecordFields(body).flag("syncResources", false)) ServerOffer.removeListsFrom(document);
    if (document.get("authorization") instanceof ObjectNode authorization) {
      if (authorization.get("config") instanceof ObjectNode config) {
        config.remove("client_secret");
        config.remove("has_client_secret");
      }
      // Tokens are kept apart. Other members of a stranger's token response may be secrets too.
      if (authorization.get("credentials") instanceof ObjectNode credentials) {
        credentials.retain("expires_at", "expires_in", "scope", "token_type");
        credentials.removeIf(value -> !value.isTextual() && !value.isNumber() && !value.isNull());
      }
    }
    PlainSecrets.requireNoneIn(document);
    // Only now: members are found above by their names, and a query may be one of the names.
    HiddenQuery.in(document, url);
    // After the query is hidden: the same key may stand there and in a header.
    given.requireNotIn(document);
    if (JsonText.bytes(document).length <= MAX_BYTES) return document;
    throw new Failure.BadRequest(ErrorCode.BODY_TOO_LARGE, "The record is over " + MAX_BYTES + " bytes.");
  }
}
