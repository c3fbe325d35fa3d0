/** The function forget-user: it deletes everything about a user. */
@NullMarked
package social.avatarai.mcp.functions.forgetuser;

import org.jspecify.annotations.NullMarked;
