package social.avatarai.mcp.lambda;

import social.avatarai.mcp.Journal;
import social.avatarai.mcp.resource.GrantedAccess;
import social.avatarai.mcp.resource.McpClient;

/** The MCP client, and the step that sends requests to servers with the tokens of a grant. */
final class ResourceWiring {
  private final Platform platform;
  private final Journal journal;
  private final StoreWiring stores;
  private final DiscoveryWiring discovery;
  private final TokenWiring tokens;
  private final Once once = new Once();

  ResourceWiring(Platform platform, Journal journal, StoreWiring stores, DiscoveryWiring discovery,
      TokenWiring tokens) {
    this.platform = platform;
    this.journal = journal;
    this.stores = stores;
    this.discovery = discovery;
    this.tokens = tokens;
  }

  McpClient client() {
    return once.get(McpClient.class,
        () -> new McpClient(discovery.outbound(), platform.clock(), discovery.pauseBeforeResuming(), journal));
  }

  GrantedAccess access() {
    return once.get(GrantedAccess.class, () -> new GrantedAccess(client(), discovery.discovery(), discovery.migration(),
        discovery.rules(), tokens.refresher(), stores.grants(), platform.clock()));
  }
}
