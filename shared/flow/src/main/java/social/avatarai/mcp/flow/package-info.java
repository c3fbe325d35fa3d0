/**
 * The front door: what each function asks of the library, in the order of the guide.
 */
@NullMarked
package social.avatarai.mcp.flow;

import org.jspecify.annotations.NullMarked;
