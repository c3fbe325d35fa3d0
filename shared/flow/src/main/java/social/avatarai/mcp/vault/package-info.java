/** Encryption of stored data: the cipher, the key ring, the vault for secrets, and re-encryption with a newer key. */
@NullMarked
package social.avatarai.mcp.vault;

import org.jspecify.annotations.NullMarked;
