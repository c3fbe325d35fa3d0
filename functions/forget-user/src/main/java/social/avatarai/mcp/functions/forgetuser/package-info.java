/** The function forget-user: forgets a user. */
@NullMarked
package social.avatarai.mcp.functions.forgetuser;

import org.jspecify.annotations.NullMarked;
