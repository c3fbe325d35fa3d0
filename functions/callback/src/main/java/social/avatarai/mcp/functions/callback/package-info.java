/** The function callback: takes the authorization server's answer through the browser. */
@NullMarked
package social.avatarai.mcp.functions.callback;

import org.jspecify.annotations.NullMarked;
