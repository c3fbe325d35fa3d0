/**
 * The sample events of {@code events/}. Each has an expectation and the data that must be stored before. This package
 * also checks responses.
 *
 * <p>The functions' tests replay the events in process; {@code local/lambdas} replays them on the archives.
 */
@NullMarked
package social.avatarai.mcp.testkit.event;

import org.jspecify.annotations.NullMarked;
