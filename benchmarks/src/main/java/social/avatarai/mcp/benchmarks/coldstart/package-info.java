/**
 * The cold start of packaged functions: from the start of the process until the response is posted to Lambda's Runtime
 * API. Door: {@link social.avatarai.mcp.benchmarks.coldstart.ColdStartBenchmark}.
 */
@NullMarked
package social.avatarai.mcp.benchmarks.coldstart;

import org.jspecify.annotations.NullMarked;
