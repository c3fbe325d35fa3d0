/** The function redirect-uri: it names the redirect URI to register by hand at an issuer. */
@NullMarked
package social.avatarai.mcp.functions.redirecturi;

import org.jspecify.annotations.NullMarked;
