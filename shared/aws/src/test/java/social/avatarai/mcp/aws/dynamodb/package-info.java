@NullMarked
package social.avatarai.mcp.aws.dynamodb;

import org.jspecify.annotations.NullMarked;
