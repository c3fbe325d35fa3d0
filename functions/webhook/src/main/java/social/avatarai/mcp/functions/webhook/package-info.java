/** The function webhook: it sends events to the app's URL, signed. */
@NullMarked
package social.avatarai.mcp.functions.webhook;

import org.jspecify.annotations.NullMarked;
