/**
 * Sealing what is stored: the cipher, the key ring, the vault that holds secrets, and re-encryption with a newer key.
 */
@NullMarked
package social.avatarai.mcp.vault;

import org.jspecify.annotations.NullMarked;
