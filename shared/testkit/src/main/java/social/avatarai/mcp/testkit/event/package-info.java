/**
 * The sample events of {@code events/}: each with its expectation, what it finds stored, and how a response is judged.
 *
 * <p>The functions' tests replay them in process, {@code local/lambdas} on the archives.
 */
@NullMarked
package social.avatarai.mcp.testkit.event;

import org.jspecify.annotations.NullMarked;
