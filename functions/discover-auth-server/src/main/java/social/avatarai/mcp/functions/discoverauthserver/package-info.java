/** The function discover-auth-server: it finds the metadata of an issuer. */
@NullMarked
package social.avatarai.mcp.functions.discoverauthserver;

import org.jspecify.annotations.NullMarked;
