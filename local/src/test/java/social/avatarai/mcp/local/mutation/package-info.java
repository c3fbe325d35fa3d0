/** Breaks checks of the code on purpose, to see that tests fail. The command is {@code .ci/mutations}. */
@NullMarked
package social.avatarai.mcp.local.mutation;

import org.jspecify.annotations.NullMarked;
