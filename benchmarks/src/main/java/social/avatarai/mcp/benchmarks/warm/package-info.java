/**
 * What the service adds to a call when it is warm: time, processor time and memory, against the same call made directly.
 * The service runs in a process of its own, behind its local front; the servers and the callers share the process of the
 * benchmark. The entry is {@link social.avatarai.mcp.benchmarks.warm.WarmBenchmark}.
 */
@NullMarked
package social.avatarai.mcp.benchmarks.warm;

import org.jspecify.annotations.NullMarked;
