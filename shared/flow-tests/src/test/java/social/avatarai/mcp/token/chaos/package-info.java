/** Refreshes in random histories: processes die, responses get lost, clocks differ. Begin at {@code RefreshChaosTest}. */
@NullMarked
package social.avatarai.mcp.token.chaos;

import org.jspecify.annotations.NullMarked;
