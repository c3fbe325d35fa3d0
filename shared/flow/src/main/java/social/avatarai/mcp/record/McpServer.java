package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.EnteredCredentials;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.StdioName;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.StatedEndpoints;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantOrigin;
import social.avatarai.mcp.token.GrantSummary;

/**
 * A user's server, as its record describes it.
 *
 * @param key the user and the {@code mcpId}
 * @param url the server's URL
 * @param enabled whether the server may be used
 * @param terms what the record says about authorization
 * @param status the last noted status. Where the connection has a grant, the grant takes precedence
 * @param document the user's own document, without secrets; the query of the URL is hidden in it
 * @param protocol what was agreed on with the server without a grant; null before the first request without a grant
 * @param error why the last attempt to connect failed; null when it did not fail
 * @param entered the credentials that the user has entered in place of a consent
 * @param unbound secrets that are kept and not used; null if there are none
 */
public record McpServer(ConnectionKey key, EndpointUrl url, boolean enabled, Terms terms, Status status,
    ObjectNode document,
    @Nullable NegotiatedProtocol protocol, @Nullable ConnectionError error, EnteredCredentials entered,
    @Nullable UnboundSecrets unbound) {

  public McpServer {
    var _ = entered.requireFor(url);
    if (isBuiltIn(document)) InvocationSecrets.noteOperatorsQuery(url);
  }

  /** A server without entered credentials, and without secrets that are not used. */
  public McpServer(ConnectionKey key, EndpointUrl url, boolean enabled, Terms terms, Status status, ObjectNode document,
      @Nullable NegotiatedProtocol protocol, @Nullable ConnectionError error) {
    this(key, url, enabled, terms, status, document, protocol, error, EnteredCredentials.none(), null);
  }

  /** A server that has not failed to connect. */
  public McpServer(ConnectionKey key, EndpointUrl url, boolean enabled, Terms terms, Status status, ObjectNode document,
      @Nullable NegotiatedProtocol protocol) {
    this(key, url, enabled, terms, status, document, protocol, null);
  }

  /**
   * What a record says about authorization.
   *
   * @param scopes the scopes to ask for; empty to let the service select them
   * @param issuer the authorization server, as the user has written it; null for the resource's own
   * @param clientId the client, which belongs to the issuer; null for this service's own
   * @param method how the client authenticates; null for the method of the provider's profile or metadata
   * @param hasSecret whether a secret of the client is stored
   * @param endpoints the endpoints of the issuer, as the user states them; null for an issuer that publishes metadata, or
   *        whose profile has it
   * @param issuerRequired whether the record has a client or tokens of an issuer that it does not name. They are not
   *        used, so the client is not among these terms
   */
  public record Terms(Scopes scopes, @Nullable Issuer issuer, @Nullable ClientId clientId,
      @Nullable ClientAuthenticationMethod method, boolean hasSecret, @Nullable StatedEndpoints endpoints,
      boolean issuerRequired) {

    public Terms {
      if (clientId != null && issuer == null) throw new IllegalArgumentException("names a client without its issuer");
      if (issuerRequired && issuer != null) throw new IllegalArgumentException("names the issuer that is missing");
      if (endpoints != null && clientId == null)
        throw new IllegalArgumentException("states endpoints without a client");
    }

    /** Terms of a record whose issuer is known, or not needed. */
    public Terms(Scopes scopes, @Nullable Issuer issuer, @Nullable ClientId clientId,
        @Nullable ClientAuthenticationMethod method, boolean hasSecret, @Nullable StatedEndpoints endpoints) {
      this(scopes, issuer, clientId, method, hasSecret, endpoints, false);
    }

    /** The same without stated endpoints. */
    public Terms(Scopes scopes, @Nullable Issuer issuer, @Nullable ClientId clientId,
        @Nullable ClientAuthenticationMethod method, boolean hasSecret) {
      this(scopes, issuer, clientId, method, hasSecret, null);
    }

    /** Whether a client is named, and with it the client's issuer. */
    public boolean namesClient() {
      return clientId != null;
    }

    /**
     * Under which issuer the client and its secret are kept, see {@link StatedEndpoints#registeredAt}; null without an
     * issuer.
     */
    public @Nullable Issuer registeredAt() {
      return issuer == null || endpoints == null ? issuer : endpoints.registeredAt(issuer);
    }

    /** Whether the client that is kept under this issuer is the one of this record. */
    public boolean names(Issuer registeredAt, ClientId client) {
      var own = registeredAt();
      return own != null && own.means(registeredAt) && client.equals(clientId);
    }

    /** Whether both records use one client, with one secret. */
    public boolean isSameClient(Terms other) {
      var own = registeredAt();
      var others = other.registeredAt();
      boolean sameIssuer = own == null ? others == null : others != null && own.means(others);
      return sameIssuer && Objects.equals(clientId, other.clientId);
    }
  }

  /** The status of a connection, in the words of the user's document. Only the first three are stored. */
  public enum Status {
    CONNECTED, DISCONNECTED, AUTHORIZATION_REQUIRED, REAUTHORIZATION_REQUIRED,
    /** The server refuses a token that its issuer still renews. */
    RESOURCE_REJECTS,
    /** The record has a client or tokens, and does not say of which issuer. */
    ISSUER_REQUIRED,
    /** The server has an address that this deployment does not connect to. */
    UNREACHABLE_HERE;

    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Whether both servers have the same URL, without the query, the same client, and the same stated endpoints. The
   * issuers are not compared: a user may add or remove the issuer that the grant came from. A different issuer shows
   * when the grant is compared.
   */
  public boolean isSameConnection(McpServer other) {
    return url.withoutQuery().equals(other.url.withoutQuery())
        && Objects.equals(terms.clientId, other.terms.clientId)
        && Objects.equals(terms.endpoints, other.terms.endpoints);
  }

  /**
   * Whether this grant is for this server as the record now is: the same URL, issuer and client. A stored token is
   * never sent to an edited URL. Only the query may be edited, because it leads to the same server; see
   * {@link RecordFollower}.
   */
  public boolean isServedBy(Grant grant) {
    return isServedBy(GrantSummary.of(grant));
  }

  /**
   * Whether this grant is of this record: it is for this server, and not of a built-in record beside the user's record.
   */
  public boolean holds(Grant grant) {
    return isServedBy(grant) && grant.builtIn() == isBuiltin();
  }

  /** Whether this grant was given at the URL of this server, without the query. */
  public boolean isAtUrlOf(GrantOrigin held) {
    return held.serverUrl().withoutQuery().equals(url.withoutQuery());
  }

  /** The same for what may be shown of a grant. A server with entered credentials has no grant. */
  public boolean isServedBy(GrantSummary grant) {
    return entered.isEmpty() && summary().isServedBy(grant) && grant.target().resource().covers(url);
  }

  public ServerSummary summary() {
    return new ServerSummary(key, url, enabled, terms, status, error, alias());
  }

  /** What the user calls this server beside others; null if the record does not say. No other record is compared. */
  public @Nullable String alias() {
    String alias = document.path("alias").asText("");
    return alias.isEmpty() ? null : alias;
  }

  /**
   * The same server with what was noted in its former record.
   *
   * @param ended whether the change has ended the grant
   */
  public McpServer continuing(McpServer before, boolean ended) {
    // What was agreed on belongs to the URL, to the transport, and to the account of the credentials.
    boolean sameAccount = before.entered.equals(entered);
    boolean sameServer = before.url.equals(url) && before.isSse() == isSse();
    var agreed = sameServer && sameAccount ? before.protocol : null;
    boolean isFresh = ended || !sameAccount;
    return new McpServer(key, url, enabled, terms, isFresh ? Status.DISCONNECTED : before.status, document, agreed,
        isFresh || isOver(before.error) ? null : before.error, entered, unbound);
  }

  /** A server that is switched on again is not refused for being switched off. */
  private boolean isOver(@Nullable ConnectionError noted) {
    return enabled && noted != null && noted.code() == ErrorCode.SERVER_DISABLED;
  }

  /** The same server with its URL as its user wrote it. The two URLs may differ only in the query. */
  public McpServer servedAt(EndpointUrl whole) {
    if (!whole.withoutQuery().equals(url.withoutQuery())) throw new IllegalArgumentException("is another server");
    return new McpServer(key, whole, enabled, terms, status, document, protocol, error, entered, unbound);
  }

  /** The same server at another URL, at which nothing was agreed on yet. The rest of the document stays. */
  public McpServer relocated(EndpointUrl to) {
    var moved = document.deepCopy();
    moved.withObject("endpoint").put("url", to.value());
    return new McpServer(key, to, enabled, terms, status, HiddenQuery.in(moved, to), null, error, entered, unbound);
  }

  /** Whether the record says that the server speaks HTTP+SSE. */
  public boolean isSse() {
    return EndpointType.SSE.isNamed(document.at("/endpoint/type").asText());
  }

  /** The same server with what was agreed on. */
  public McpServer with(NegotiatedProtocol agreed) {
    return new McpServer(key, url, enabled, terms, status, document, agreed, error, entered, unbound);
  }

  /** The same server with secrets that are kept and not used. */
  public McpServer keeping(@Nullable UnboundSecrets secrets) {
    return new McpServer(key, url, enabled, terms, status, document, protocol, error, entered, secrets);
  }

  /** Whether the operator has written this server for all users. No user's own document says so. */
  public boolean isBuiltin() {
    return isBuiltIn(document);
  }

  private static boolean isBuiltIn(ObjectNode document) {
    return document.path("isBuiltin").booleanValue();
  }

  /** Whether this is what was noted already. */
  boolean says(Status noted, @Nullable ConnectionError failed) {
    return status == noted && Objects.equals(error, failed);
  }

  /** The same server as this user sees it: the document names the user. */
  public McpServer seenBy(UserId user) {
    var seen = document.deepCopy().put("userId", user.value());
    return new McpServer(new ConnectionKey(user, key.connection()), url, enabled, terms, status, seen, protocol, error,
        entered, unbound);
  }

  /** The same server with what was noted about a connection to it. */
  public McpServer noted(Status now, @Nullable ConnectionError failed, @Nullable NegotiatedProtocol agreed) {
    return new McpServer(key, url, enabled, terms, now, document, agreed, failed, entered, unbound);
  }

  /** The same server with other entered credentials. */
  public McpServer with(EnteredCredentials other) {
    return new McpServer(key, url, enabled, terms, status, document, protocol, error, other, unbound);
  }

  /** Whether the record is to show what the server offers. */
  public boolean showsOffer() {
    return document.path("syncResources").booleanValue();
  }

  /**
   * Whether the server has responded without a grant at this URL: something was agreed on with it. A program counts as
   * open, because the operator has defined it.
   */
  public boolean isKnownAsOpen() { return protocol != null || program() != null; }

  /** The server's program; null for a server that is reached over HTTP. */
  public @Nullable StdioName program() {
    return StdioName.of(url).orElse(null);
  }

  /** This server; {@code issuer_required} if its record does not say whose client or tokens it has. */
  public McpServer requireIssuer() {
    if (!terms.issuerRequired) return this;
    throw new Failure.BadRequest(ErrorCode.ISSUER_REQUIRED,
        "The record has a client or tokens, but does not say which authorization server they belong to: name it in "
            + "authorization.config.issuer, or name a profile in authorization.config.profile. Secrets that are stored "
            + "need not be sent again.");
  }

  public McpServer requireEnabled() {
    if (enabled) return this;
    throw new Failure.BadRequest(ErrorCode.SERVER_DISABLED, "The server is switched off in its record.");
  }
}
