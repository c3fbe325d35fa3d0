/** The function reencrypt: it encrypts again, with the current key, what older keys of the ring have encrypted. */
@NullMarked
package social.avatarai.mcp.functions.reencrypt;

import org.jspecify.annotations.NullMarked;
