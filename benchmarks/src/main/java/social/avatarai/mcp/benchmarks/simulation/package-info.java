/**
 * A simulation of the scheduled refresh in virtual time: the real code over stores in memory that count what DynamoDB
 * would bill. Begin at {@link social.avatarai.mcp.benchmarks.simulation.RefreshSimulation}.
 */
@NullMarked
package social.avatarai.mcp.benchmarks.simulation;

import org.jspecify.annotations.NullMarked;
