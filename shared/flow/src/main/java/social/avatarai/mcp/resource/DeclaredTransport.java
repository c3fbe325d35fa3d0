package social.avatarai.mcp.resource;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.StdioName;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.token.Grant;

/**
 * What a server's record says about its transport.
 *
 * @param program the server's program; null for a server that is reached over HTTP
 * @param isSse whether the server speaks HTTP+SSE
 */
public record DeclaredTransport(@Nullable StdioName program, boolean isSse) {
  /** HTTP. The first request finds out whether it is Streamable HTTP or HTTP+SSE. */
  static final DeclaredTransport HTTP = new DeclaredTransport(null, false);

  public static DeclaredTransport of(McpServer server) {
    return new DeclaredTransport(server.program(), server.isSse());
  }

  /** What the grant repeats of the record of its server. */
  static DeclaredTransport of(Grant grant) {
    return new DeclaredTransport(null, grant.overSse());
  }
}
