package social.avatarai.mcp.record;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.McpServer.Terms;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantSummary;
import social.avatarai.mcp.token.StatedIssuer;

/**
 * A user's server without its document and its encrypted attributes: all that the connection's status depends on. The
 * query of the URL is encrypted, because it may hold a key.
 *
 * @param key the user and the {@code mcpId}
 * @param url the server's URL without its query
 * @param enabled whether the server may be used
 * @param terms what the record says about authorization
 * @param status the last noted status
 * @param error why the last attempt to connect failed; null when it did not fail
 * @param alias what the user calls the server beside others; null if the record does not say
 */
public record ServerSummary(ConnectionKey key, EndpointUrl url, boolean enabled, Terms terms, Status status,
    @Nullable ConnectionError error, @Nullable String alias) {

  /** A server without an alias. */
  public ServerSummary(ConnectionKey key, EndpointUrl url, boolean enabled, Terms terms, Status status,
      @Nullable ConnectionError error) {
    this(key, url, enabled, terms, status, error, null);
  }

  public ServerSummary {
    url = url.withoutQuery();
  }

  /** The same with another noted status, and without an error. */
  public ServerSummary noted(Status now) {
    return noted(now, null);
  }

  /** The same with another noted status, and with this error. */
  public ServerSummary noted(Status now, @Nullable ConnectionError failed) {
    return new ServerSummary(key, url, enabled, terms, now, failed, alias);
  }

  /**
   * Whether this grant is for this server as the record now is, as far as this can be known without the query of the
   * URL; see {@link McpServer#isServedBy}.
   */
  public boolean isServedBy(GrantSummary grant) {
    return grant.target().serverUrl().equals(url) && grant.target().resource().url().withoutQuery().covers(url)
        && (terms.issuer() == null || terms.issuer().means(grant.target().issuer()))
        && (terms.clientId() == null || terms.clientId().equals(grant.client().id())) && isStatedFor(grant);
  }

  /**
   * Whether a grant that the record's own word binds has the endpoints that the record states now. A grant that other
   * metadata binds does not follow the record's endpoints.
   */
  private boolean isStatedFor(GrantSummary grant) {
    var target = grant.target();
    if (target.stated() == null && !grant.warnings().contains(Grant.Warning.ISSUER_BY_RECORD)) return true;
    var stated = terms.endpoints();
    return Objects.equals(target.stated(), StatedIssuer.of(stated))
        && (stated == null || stated.token().equals(target.tokenEndpoint()));
  }
}
