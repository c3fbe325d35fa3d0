package social.avatarai.mcp.discovery;

import java.util.Optional;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.discovery.Discovery.Probe;

/**
 * Finds out whether a server has left an authorization server (MCP authorization, "Authorization Server Binding"). A
 * server has left if it refused a token of that issuer and its metadata no longer names the issuer.
 */
public final class IssuerMigration {
  private final Discovery discovery;
  private final IssuerRules rules;

  public IssuerMigration(Discovery discovery, IssuerRules rules) {
    this.discovery = discovery;
    this.rules = rules;
  }

  /**
   * Fetches the metadata of a server, to see whether the server has left an issuer.
   *
   * @param refusal the server's 401 to a token of that issuer
   * @return the new metadata if the server has left the issuer. Empty if the metadata still names the issuer. Also
   *         empty if the metadata is unavailable or invalid: then we assume that the server has not moved, and keep the
   *         grant
   */
  public Optional<DiscoveredResource> away(Issuer from, EndpointUrl server, Probe refusal, Deadline deadline) {
    try {
      discovery.forget(server);
      var resource = discovery.resource(server, refusal, deadline);
      boolean stays = resource.isLegacy() || !rules.isLeft(resource, from);
      return stays ? Optional.empty() : Optional.of(resource);
    } catch (Failure.Crowded e) {
      throw e;
    } catch (Failure e) {
      return Optional.empty();
    }
  }
}
