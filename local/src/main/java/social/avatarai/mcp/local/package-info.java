/**
 * The local runner: the functions' own handlers behind a local HTTP front, with everything that they need, in one
 * process and on loopback only.
 *
 * <p>Door: {@link social.avatarai.mcp.local.LocalRunner}. Everything that exists only outside of AWS is in this
 * package.
 */
@NullMarked
package social.avatarai.mcp.local;

import org.jspecify.annotations.NullMarked;
