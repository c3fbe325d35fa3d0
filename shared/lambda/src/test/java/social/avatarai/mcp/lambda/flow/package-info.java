/** The whole flow, through its front door, on real HTTP and a real store. */
@NullMarked
package social.avatarai.mcp.lambda.flow;

import org.jspecify.annotations.NullMarked;
