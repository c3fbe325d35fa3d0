@NullMarked
package social.avatarai.mcp.aws.secretsmanager;

import org.jspecify.annotations.NullMarked;
