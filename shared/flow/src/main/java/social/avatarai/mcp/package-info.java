/**
 * An OAuth 2.1 client and MCP client. This package has the values, the secrets and the failures.
 *
 * <p>The front door is {@link social.avatarai.mcp.flow.Flow}, which shows the decision chart from top to bottom. Each
 * package is a step of the protocol. Specification: the MCP authorization specification and the RFCs that it names.
 */
@NullMarked
package social.avatarai.mcp;

import org.jspecify.annotations.NullMarked;
