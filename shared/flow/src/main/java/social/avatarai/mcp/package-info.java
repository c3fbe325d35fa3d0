/**
 * An OAuth 2.1 client and MCP client: the values, the secrets, the failures, and the front door.
 *
 * <p>Door: {@link social.avatarai.mcp.flow.Flow}, which tells the decision chart from top to bottom. Each package below is a
 * step of the protocol. Specification: the MCP authorization specification and the RFCs that it names.
 */
@NullMarked
package social.avatarai.mcp;

import org.jspecify.annotations.NullMarked;
