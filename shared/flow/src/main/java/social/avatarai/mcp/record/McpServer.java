package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantSummary;

/**
 * A user's server, as its record describes it.
 *
 * @param key whose, and its {@code mcpId}
 * @param url where it is
 * @param enabled whether it may be used
 * @param terms what its record says of authorization
 * @param status what was noted last. Where the connection has a grant, the grant says more
 * @param document the user's own document, without secrets
 * @param protocol what was agreed with it when it was asked without a token; null before
 * @param error why connecting it failed last; null when it did not
 */
public record McpServer(ConnectionKey key, EndpointUrl url, boolean enabled, Terms terms, Status status,
    ObjectNode document,
    @Nullable NegotiatedProtocol protocol, @Nullable ConnectionError error) {

  /** A server that has not failed to connect. */
  public McpServer(ConnectionKey key, EndpointUrl url, boolean enabled, Terms terms, Status status, ObjectNode document,
      @Nullable NegotiatedProtocol protocol) {
    this(key, url, enabled, terms, status, document, protocol, null);
  }

  /**
   * What a record says of authorization.
   *
   * @param scopes the scopes to ask for; none to select them
   * @param issuer the authorization server; null for the resource's own
   * @param clientId the client, which belongs to that issuer; null for our own
   * @param method how the client authenticates; null for what the provider's profile or metadata says
   * @param hasSecret whether a secret of the client is kept
   */
  public record Terms(Scopes scopes, @Nullable Issuer issuer, @Nullable ClientId clientId,
      @Nullable ClientAuthenticationMethod method, boolean hasSecret) {

    public Terms {
      if (clientId != null && issuer == null) throw new IllegalArgumentException("names a client without its issuer");
    }

    public boolean names(Issuer issuerAsked, ClientId clientAsked) {
      return issuerAsked.equals(issuer) && clientAsked.equals(clientId);
    }

    public boolean isSameClient(Terms other) {
      return Objects.equals(issuer, other.issuer) && Objects.equals(clientId, other.clientId);
    }
  }

  /** How a connection is doing, in the words of the user's document. Only the first three are stored. */
  public enum Status {
    CONNECTED, DISCONNECTED, AUTHORIZATION_REQUIRED, REAUTHORIZATION_REQUIRED,
    /** The server refuses a token that its issuer keeps renewing. */
    RESOURCE_REJECTS,
    /** The server is at an address that this deployment does not connect to. */
    UNREACHABLE_HERE;

    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Whether it is at the same URL, the query aside, with the same client as the other. The issuer has no say here: naming
   * the one that a grant came from, or no longer naming it, changes nothing; that it is another one, the grant shows.
   */
  public boolean isSameConnection(McpServer other) {
    return url.withoutQuery().equals(other.url.withoutQuery())
        && Objects.equals(terms.clientId, other.terms.clientId);
  }

  /**
   * Whether this grant is for this server as it is now, from the issuer and for the client it names: a stored token
   * never follows an edited URL. The query may be edited: it leads to the same server ({@link RecordFollower}).
   */
  public boolean isServedBy(Grant grant) {
    return summary().isServedBy(GrantSummary.of(grant));
  }

  public ServerSummary summary() {
    return new ServerSummary(key, url, enabled, terms, status, error);
  }

  /**
   * The same, going on from what was noted of it before.
   *
   * @param ended whether its grant has ended with the change
   */
  public McpServer continuing(McpServer before, boolean ended) {
    // A session belongs to the URL at which it was agreed.
    var agreed = before.url.equals(url) ? before.protocol : null;
    return new McpServer(key, url, enabled, terms, ended ? Status.DISCONNECTED : before.status, document, agreed,
        ended ? null : before.error);
  }

  /** The same with what was agreed with it. */
  public McpServer with(NegotiatedProtocol agreed) {
    return new McpServer(key, url, enabled, terms, status, document, agreed, error);
  }

  public McpServer requireEnabled() {
    if (enabled) return this;
    throw new Failure.BadRequest(ErrorCode.SERVER_DISABLED, "The server is switched off in its record.");
  }
}
