/** The function client-metadata: it describes our client to authorization servers and publishes our public keys. */
@NullMarked
package social.avatarai.mcp.functions.clientmetadata;

import org.jspecify.annotations.NullMarked;
