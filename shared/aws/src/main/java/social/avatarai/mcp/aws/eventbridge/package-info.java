/** Events in EventBridge. Door: {@link social.avatarai.mcp.aws.eventbridge.EventBridgeBus}. */
@NullMarked
package social.avatarai.mcp.aws.eventbridge;

import org.jspecify.annotations.NullMarked;
