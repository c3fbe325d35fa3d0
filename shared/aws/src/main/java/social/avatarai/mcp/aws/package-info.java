/**
 * The AWS side of the flow's ports: the clients that all adapters share.
 *
 * <p>Door: {@link social.avatarai.mcp.aws.AwsClients}.
 */
@NullMarked
package social.avatarai.mcp.aws;

import org.jspecify.annotations.NullMarked;
