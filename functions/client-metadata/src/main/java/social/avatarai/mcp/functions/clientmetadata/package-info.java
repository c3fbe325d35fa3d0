/** The function client-metadata: what we say of ourselves to authorization servers, and our public keys. */
@NullMarked
package social.avatarai.mcp.functions.clientmetadata;

import org.jspecify.annotations.NullMarked;
