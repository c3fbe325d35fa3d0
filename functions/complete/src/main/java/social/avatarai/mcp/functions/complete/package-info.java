/** The function complete: redeems an answer that came without the browser's cookie, for the user who began. */
@NullMarked
package social.avatarai.mcp.functions.complete;

import org.jspecify.annotations.NullMarked;
