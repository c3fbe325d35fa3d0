/**
 * The Lambda side: API Gateway's events in and out, who calls, settings, the wiring, and failures as HTTP responses.
 *
 * <p>Doors: {@link social.avatarai.mcp.lambda.ApiHandler} for a handler,
 * {@link social.avatarai.mcp.lambda.Wiring} for everything it needs.
 */
@NullMarked
package social.avatarai.mcp.lambda;

import org.jspecify.annotations.NullMarked;
