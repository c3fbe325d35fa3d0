/** How many grants the schedule renews in a second, and how many the store allows. Begin at {@code ScheduleBenchmark}. */
@NullMarked
package social.avatarai.mcp.benchmarks.schedule;

import org.jspecify.annotations.NullMarked;
