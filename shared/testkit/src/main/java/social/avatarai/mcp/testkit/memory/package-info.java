/**
 * Stores in memory that keep the same contracts as the DynamoDB stores and count the items that those would read and
 * write. They make simulations of many grants possible.
 */
@NullMarked
package social.avatarai.mcp.testkit.memory;

import org.jspecify.annotations.NullMarked;
