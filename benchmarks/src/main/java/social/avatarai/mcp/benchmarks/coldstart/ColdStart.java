package social.avatarai.mcp.benchmarks.coldstart;

import java.time.Duration;

/**
 * How one process started, as seen from outside.
 *
 * @param initialized from the start of the process until it asked for the first event
 * @param firstCall from this first event until its response
 * @param store the part of the first call until the last response of the stores
 * @param cpu the processor time of the process until the first response
 * @param warmCall the median of the calls after the first; zero if there was none
 */
record ColdStart(Duration initialized, Duration firstCall, Duration store, Duration cpu, Duration warmCall) {

  /** From the start of the process until the first response. */
  Duration whole() {
    return initialized.plus(firstCall);
  }
}
