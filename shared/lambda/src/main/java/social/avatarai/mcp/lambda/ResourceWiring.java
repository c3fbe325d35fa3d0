package social.avatarai.mcp.lambda;

import social.avatarai.mcp.proxy.McpProxy;
import social.avatarai.mcp.proxy.ProxySessions;
import social.avatarai.mcp.resource.GrantedAccess;
import social.avatarai.mcp.resource.KeptSessions;
import social.avatarai.mcp.resource.McpClient;

/** The MCP client, its sessions, and the step that sends requests to servers with the tokens of a grant. */
final class ResourceWiring {
  private final Platform platform;
  private final StoreWiring stores;
  private final DiscoveryWiring discovery;
  private final RegistrationWiring registration;
  private final McpWiring mcp;
  private final TokenWiring tokens;
  private final Once once = new Once();

  ResourceWiring(Platform platform, StoreWiring stores, DiscoveryWiring discovery, RegistrationWiring registration,
      McpWiring mcp, TokenWiring tokens) {
    this.platform = platform;
    this.stores = stores;
    this.discovery = discovery;
    this.registration = registration;
    this.mcp = mcp;
    this.tokens = tokens;
  }

  McpClient client() {
    return mcp.client();
  }

  KeptSessions sessions() {
    return mcp.sessions();
  }

  McpProxy proxy() {
    return once.get(McpProxy.class,
        () -> new McpProxy(new ProxySessions(stores.cipher(), stores.endedSessions(), registration.budget(),
            platform.clock())));
  }

  GrantedAccess access() {
    return once.get(GrantedAccess.class, () -> new GrantedAccess(client(), discovery.discovery(), discovery.migration(),
        discovery.rules(), tokens.refresher(), stores.grants(), platform.clock()));
  }
}
