/** The function refresh-token: it refreshes tokens. */
@NullMarked
package social.avatarai.mcp.functions.refreshtoken;

import org.jspecify.annotations.NullMarked;
