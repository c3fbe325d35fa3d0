@NullMarked
package social.avatarai.mcp.store;

import org.jspecify.annotations.NullMarked;
