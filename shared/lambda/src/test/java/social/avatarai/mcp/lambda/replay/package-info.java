/** Replays the sample events of {@code events/}, in process for the functions' tests and over HTTP for local/lambdas. */
@NullMarked
package social.avatarai.mcp.lambda.replay;

import org.jspecify.annotations.NullMarked;
