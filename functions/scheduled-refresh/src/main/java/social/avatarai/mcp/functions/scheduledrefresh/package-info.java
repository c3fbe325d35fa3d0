/** The function scheduled-refresh: refreshes the grants that are due. */
@NullMarked
package social.avatarai.mcp.functions.scheduledrefresh;

import org.jspecify.annotations.NullMarked;
