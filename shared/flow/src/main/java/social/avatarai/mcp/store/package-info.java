/**
 * What the flow needs kept, as ports; the cipher and the key ring that everything secret goes through.
 *
 * <p>Adapters are named by their technology and live in shared/aws and local.
 */
@NullMarked
package social.avatarai.mcp.store;

import org.jspecify.annotations.NullMarked;
