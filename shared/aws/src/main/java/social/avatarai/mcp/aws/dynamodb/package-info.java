/**
 * What the flow keeps, in four DynamoDB tables. Beside each adapter stands the mapping of its items.
 *
 * <p>Doors: {@link social.avatarai.mcp.aws.dynamodb.Tables} and the adapters. Every read that a decision rests on is
 * consistent; every write that may meet another is one conditional write; everything secret is sealed.
 */
@NullMarked
package social.avatarai.mcp.aws.dynamodb;

import org.jspecify.annotations.NullMarked;
