/**
 * The front door: one method for each function, in the order of the guide.
 */
@NullMarked
package social.avatarai.mcp.flow;

import org.jspecify.annotations.NullMarked;
