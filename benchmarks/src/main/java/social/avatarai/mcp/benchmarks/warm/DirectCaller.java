package social.avatarai.mcp.benchmarks.warm;

/** Calls the tool of the MCP server directly, with a token and a session. */
final class DirectCaller implements AutoCloseable {
  private static final String BODY = WarmUser.rpc().toString();

  private final Wire wire;
  private final String head;

  DirectCaller(int port) {
    wire = Wire.to(port);
    head = "POST /mcp HTTP/1.1\r\nHost: localhost:" + port + "\r\nAuthorization: Bearer " + WarmMcpServer.DIRECT_TOKEN
        + "\r\nMcp-Session-Id: " + WarmMcpServer.SESSION + "\r\nMCP-Protocol-Version: 2025-11-25\r\n"
        + "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n";
  }

  void call() {
    wire.send(head, BODY);
    WarmUser.succeeded(wire.receive().orElseThrow());
  }

  @Override
  public void close() {
    wire.close();
  }
}
