/** What the benchmark puts on the class path of the functions that it starts. */
@NullMarked
package social.avatarai.mcp.benchmarks.coldstart.inside;

import org.jspecify.annotations.NullMarked;
