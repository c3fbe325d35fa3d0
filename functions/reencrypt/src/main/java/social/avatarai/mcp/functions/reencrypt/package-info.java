/** The function reencrypt: seals anew what older keys of the ring have sealed. */
@NullMarked
package social.avatarai.mcp.functions.reencrypt;

import org.jspecify.annotations.NullMarked;
