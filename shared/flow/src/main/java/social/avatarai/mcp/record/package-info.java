/**
 * The records of users' servers: what a record may say, and the port that stores records.
 */
@NullMarked
package social.avatarai.mcp.record;

import org.jspecify.annotations.NullMarked;
