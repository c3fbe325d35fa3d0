/**
 * What every implementation of the store ports must do, as tests to inherit: written against the ports alone.
 *
 * <p>A subclass gives the implementation, and so the place: embedded, an emulator, or AWS.
 */
@NullMarked
package social.avatarai.mcp.testkit.store;

import org.jspecify.annotations.NullMarked;
