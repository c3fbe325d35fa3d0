package social.avatarai.mcp.lambda;

import social.avatarai.mcp.Journal;
import social.avatarai.mcp.resource.KeptSessions;
import social.avatarai.mcp.resource.McpClient;

/** The MCP client, and the sessions that it has opened. */
final class McpWiring {
  private final Platform platform;
  private final Journal journal;
  private final DiscoveryWiring discovery;
  private final Once once = new Once();

  McpWiring(Platform platform, Journal journal, DiscoveryWiring discovery) {
    this.platform = platform;
    this.journal = journal;
    this.discovery = discovery;
  }

  McpClient client() {
    return once.get(McpClient.class,
        () -> new McpClient(discovery.outbound(), platform.stdioServers(), discovery.strictness(),
            platform.clock(), discovery.pauseBeforeResuming(), journal));
  }

  KeptSessions sessions() {
    return once.get(KeptSessions.class, () -> new KeptSessions(client(), platform.clock()));
  }
}
