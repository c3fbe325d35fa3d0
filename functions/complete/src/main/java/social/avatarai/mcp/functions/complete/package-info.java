/**
 * The function complete: it redeems an authorization response that came without the browser's cookie, for the user who
 * began the flow.
 */
@NullMarked
package social.avatarai.mcp.functions.complete;

import org.jspecify.annotations.NullMarked;
