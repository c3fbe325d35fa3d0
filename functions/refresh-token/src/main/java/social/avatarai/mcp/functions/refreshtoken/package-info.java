/** The function refresh-token: gives new tokens. */
@NullMarked
package social.avatarai.mcp.functions.refreshtoken;

import org.jspecify.annotations.NullMarked;
