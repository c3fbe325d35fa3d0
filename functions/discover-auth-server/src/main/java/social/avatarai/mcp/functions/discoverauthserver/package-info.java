/** The function discover-auth-server: from an issuer to its metadata. */
@NullMarked
package social.avatarai.mcp.functions.discoverauthserver;

import org.jspecify.annotations.NullMarked;
