/**
 * The Lambda side: events of API Gateway in and out, the identity of the caller, settings, wiring, and failures as HTTP
 * responses.
 *
 * <p>Doors: {@link social.avatarai.mcp.lambda.ApiHandler} for a handler, {@link social.avatarai.mcp.lambda.Wiring} for
 * everything that a handler needs.
 */
@NullMarked
package social.avatarai.mcp.lambda;

import org.jspecify.annotations.NullMarked;
