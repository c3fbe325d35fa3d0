/** Benchmarks: each script in {@code benchmarks/} prints its figures, and one line with their ratio. */
@NullMarked
package social.avatarai.mcp.benchmarks;

import org.jspecify.annotations.NullMarked;
