/**
 * The local runner: the functions' own handlers behind a local HTTP front, with everything they need in one process and
 * on loopback only.
 *
 * <p>Door: {@link social.avatarai.mcp.local.LocalRunner}. What only exists outside of AWS is here and nowhere else.
 */
@NullMarked
package social.avatarai.mcp.local;

import org.jspecify.annotations.NullMarked;
