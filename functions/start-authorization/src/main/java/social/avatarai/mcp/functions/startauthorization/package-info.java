/** The function start-authorization: it begins a flow and names the URL to send the browser to. */
@NullMarked
package social.avatarai.mcp.functions.startauthorization;

import org.jspecify.annotations.NullMarked;
