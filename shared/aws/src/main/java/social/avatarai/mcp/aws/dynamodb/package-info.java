/**
 * The data of the flow in five DynamoDB tables. The mapping of its items stands beside each adapter.
 *
 * <p>Doors: {@link social.avatarai.mcp.aws.dynamodb.Tables} and the adapters. Every read that a decision depends on is
 * consistent. Every write that may meet another is one conditional write. Every secret is sealed.
 */
@NullMarked
package social.avatarai.mcp.aws.dynamodb;

import org.jspecify.annotations.NullMarked;
