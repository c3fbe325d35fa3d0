@NullMarked
package social.avatarai.mcp.aws;

import org.jspecify.annotations.NullMarked;
