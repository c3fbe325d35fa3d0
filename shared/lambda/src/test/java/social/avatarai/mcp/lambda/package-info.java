/** Tests of the Lambda side. */
@NullMarked
package social.avatarai.mcp.lambda;

import org.jspecify.annotations.NullMarked;
