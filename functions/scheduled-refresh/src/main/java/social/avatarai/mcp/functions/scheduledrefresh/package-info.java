/** The function scheduled-refresh: it refreshes the grants that are due. */
@NullMarked
package social.avatarai.mcp.functions.scheduledrefresh;

import org.jspecify.annotations.NullMarked;
