package social.avatarai.mcp.resource;

import java.util.Optional;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.Challenge;
import social.avatarai.mcp.discovery.DiscoveredResource;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.discovery.Discovery.Probe;
import social.avatarai.mcp.discovery.IssuerMigration;
import social.avatarai.mcp.resource.GrantedAccess.Asking;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Replaceable;

/** Finds out what a refused request needs: consent, more scopes, or something that no consent can give. */
final class RefusedAccess {
  private final McpClient client;
  private final Discovery discovery;
  private final IssuerMigration migration;

  RefusedAccess(McpClient client, Discovery discovery, IssuerMigration migration) {
    this.client = client;
    this.discovery = discovery;
    this.migration = migration;
  }

  /** After a request without a token. */
  Access consent(Asking asking, Probe refused, Deadline deadline) {
    var counted = asking.count().take();
    var server = asking.server();
    var resource = refused.challenge().isPresent()
        ? discovery.resource(server, refused, deadline)
        : discovery.resource(server, client.prober(asking.declared()), asking.hasRecordedIssuer(), deadline);
    return new Access.ConsentNeeded(resource, new Replaceable.SameIssuer(), null, counted);
  }

  /** After the end of a grant. */
  Access consent(Asking asking, Grant ended, Deadline deadline) {
    var counted = asking.count().take();
    var resource = ofServer(ended, deadline);
    return new Access.ConsentNeeded(resource, new Replaceable.SameIssuer(), ended.key().connection(), counted);
  }

  /**
   * After 403. A step-up asks for the granted and the missing scopes together. Where the challenge names no scope
   * beyond the granted ones, another consent would not help.
   */
  Access stepUp(Asking asking, Grant grant, Optional<Challenge> challenge, Deadline deadline) {
    var granted = grant.tokens().scope();
    var missing = challenge.filter(Challenge::isInsufficientScope).map(Challenge::scope).orElse(Scopes.none());
    if (granted.containsAll(missing)) return new Access.Rejected(403);
    var counted = asking.count().take();
    var resource = discovery.resource(asking.server(), new Probe(403, challenge), deadline);
    var named = grant.client();
    return new Access.StepUpNeeded(ofServer(grant, resource, deadline), granted.union(missing),
        grant.target().issuer(), named.isNamedByCaller() ? named.id() : null, grant.key().connection(),
        counted);
  }

  /** A consent is for the server of the grant, even if the request went to a URL below that of the server. */
  private DiscoveredResource ofServer(Grant grant, DiscoveredResource found, Deadline deadline) {
    var server = grant.target().serverUrl();
    return server.equals(found.server()) ? found : ofServer(grant, deadline);
  }

  private DiscoveredResource ofServer(Grant grant, Deadline deadline) {
    return discovery.resource(grant.target().serverUrl(), client.prober(DeclaredTransport.of(grant)),
        grant.isByRecord(), deadline);
  }

  /**
   * After 401: the consent that is needed if the grant's own server has moved to another authorization server. The
   * token that the former one renews is useless to the server then. The metadata of another server of the same resource
   * does not count.
   *
   * @return empty when the server has not moved
   */
  Optional<Access> migration(Asking asking, Grant refused, Optional<Challenge> challenge, Deadline deadline) {
    // A stored token is refused: the cached metadata of the server may be out of date.
    var server = asking.server();
    if (!server.equals(refused.target().serverUrl())) {
      discovery.forget(server);
      return Optional.empty();
    }
    // The server decides how often it refuses, and where its challenge sends the requests for metadata.
    var counted = asking.count().take();
    return migration.away(refused.target().issuer(), server, new Probe(401, challenge), deadline)
        .map(resource -> new Access.ConsentNeeded(resource, new Replaceable.MigratedGrant(refused.id()),
            refused.key().connection(), counted));
  }
}
