package social.avatarai.mcp.record;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.McpServer.Terms;
import social.avatarai.mcp.token.GrantSummary;

/**
 * A user's server without its document, and without anything that is sealed: what its state follows from.
 *
 * @param key whose, and its {@code mcpId}
 * @param url where it is
 * @param enabled whether it may be used
 * @param terms what its record says of authorization
 * @param status what was noted last
 * @param error why connecting it failed last; null when it did not
 */
public record ServerSummary(ConnectionKey key, EndpointUrl url, boolean enabled, Terms terms, Status status,
    @Nullable ConnectionError error) {

  /** Whether this grant is for this server as it is now; see {@link McpServer#isServedBy}. */
  public boolean isServedBy(GrantSummary grant) {
    return grant.target().serverUrl().withoutQuery().equals(url.withoutQuery())
        && grant.target().resource().covers(url)
        && (terms.issuer() == null || terms.issuer().equals(grant.target().issuer()))
        && (terms.clientId() == null || terms.clientId().equals(grant.client().id()));
  }
}
