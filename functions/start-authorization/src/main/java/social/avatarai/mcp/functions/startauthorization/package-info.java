/** The function start-authorization: begins a flow and names the URL to send the browser to. */
@NullMarked
package social.avatarai.mcp.functions.startauthorization;

import org.jspecify.annotations.NullMarked;
