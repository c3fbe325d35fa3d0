/**
 * The function authorizer: it verifies the caller's JWT where API Gateway's own authorizer cannot, because that one
 * supports RSA only.
 *
 * <p>Door: {@link social.avatarai.mcp.functions.authorizer.AuthorizerHandler}. RFC 7519, RFC 7515, RFC 8725, RFC 9068.
 */
@NullMarked
package social.avatarai.mcp.functions.authorizer;

import org.jspecify.annotations.NullMarked;
