/** The function grant-events: it makes events of the changes of stored grants. */
@NullMarked
package social.avatarai.mcp.functions.grantevents;

import org.jspecify.annotations.NullMarked;
