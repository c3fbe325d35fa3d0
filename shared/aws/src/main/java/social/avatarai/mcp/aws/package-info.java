/**
 * The AWS side of the ports in {@link social.avatarai.mcp.store}: the clients that the adapters share.
 *
 * <p>Door: {@link social.avatarai.mcp.aws.AwsClients}.
 */
@NullMarked
package social.avatarai.mcp.aws;

import org.jspecify.annotations.NullMarked;
