/** Queues in SQS. Door: {@link social.avatarai.mcp.aws.sqs.SqsDeliveryQueue}. */
@NullMarked
package social.avatarai.mcp.aws.sqs;

import org.jspecify.annotations.NullMarked;
