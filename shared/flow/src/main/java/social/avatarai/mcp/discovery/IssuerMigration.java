package social.avatarai.mcp.discovery;

import java.util.Optional;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.discovery.Discovery.Probe;

/**
 * Finds out whether a server has left an authorization server (MCP authorization, "Authorization Server Binding"): it has
 * refused a token of that issuer, and its metadata names the issuer no longer.
 */
public final class IssuerMigration {
  private final Discovery discovery;
  private final IssuerRules rules;

  public IssuerMigration(Discovery discovery, IssuerRules rules) {
    this.discovery = discovery;
    this.rules = rules;
  }

  /**
   * The metadata of a server that has left an issuer, fetched afresh.
   *
   * @param refusal the server's 401 to a token of that issuer
   * @return empty where the metadata still names the issuer, and where it cannot be had now or is wrong: that speaks
   *         neither for a migration nor against the grant
   */
  public Optional<DiscoveredResource> away(Issuer from, EndpointUrl server, Probe refusal, Deadline deadline) {
    try {
      discovery.forget(server);
      var resource = discovery.resource(server, refusal, deadline);
      return resource.isLegacy() || rules.isBound(resource, from) ? Optional.empty() : Optional.of(resource);
    } catch (Failure e) {
      return Optional.empty();
    }
  }
}
