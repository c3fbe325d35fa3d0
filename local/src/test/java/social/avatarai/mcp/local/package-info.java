/** Tests of the local runner. */
@NullMarked
package social.avatarai.mcp.local;

import org.jspecify.annotations.NullMarked;
