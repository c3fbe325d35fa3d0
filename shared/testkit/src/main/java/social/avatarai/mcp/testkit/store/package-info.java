/**
 * The contracts of the store ports, as tests that every implementation inherits. They use only the ports.
 *
 * <p>A subclass supplies the implementation: embedded, an emulator, or AWS.
 */
@NullMarked
package social.avatarai.mcp.testkit.store;

import org.jspecify.annotations.NullMarked;
