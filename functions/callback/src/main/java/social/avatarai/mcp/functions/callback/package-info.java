/** The function callback: it receives the authorization response from the user's browser. */
@NullMarked
package social.avatarai.mcp.functions.callback;

import org.jspecify.annotations.NullMarked;
