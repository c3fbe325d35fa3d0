package social.avatarai.mcp.benchmarks.simulation;

import java.util.LinkedHashMap;
import java.util.Map;
import social.avatarai.mcp.testkit.memory.StoreTraffic.Item;

/**
 * What a month costs at AWS's public prices (us-east-1, on demand), in USD.
 *
 * <p>The sizes of items are those that {@code ItemSizesTest} measures. A grant with an access token of 1,200 characters
 * is three write units and one read unit; leases, markers and cursors are one unit each.
 */
final class MonthlyCost {
  private static final double WRITE_UNIT = 0.625e-6;
  private static final double READ_UNIT = 0.125e-6;
  private static final double LAMBDA_REQUEST = 0.2e-6;
  private static final double LAMBDA_GIGABYTE_SECOND = 13.3334e-6;
  private static final double STORED_GIGABYTE = 0.25;
  private static final int GRANT_WRITE_UNITS = 3;
  private static final int GRANT_BYTES = 3_000;
  private static final int MARKER_BYTES = 130;
  private static final int READ_UNIT_BYTES = 4_096;
  /** Markers stay until DynamoDB has deleted them, 14 days after their minute. */
  private static final int MARKER_DAYS = 14;
  /** Of one attempt: the calls of the store and the issuer. */
  private static final double ATTEMPT_SECONDS = 0.25;
  /** Of one run without due grants: the cursors and the empty queries of its shards. */
  private static final double IDLE_RUN_SECONDS = 0.4;
  private static final double GIGABYTES_OF_MEMORY = 0.5;
  private static final int AT_ONCE = 32;

  private final Map<String, Double> parts = new LinkedHashMap<>();

  /** @param counts the items of the simulated time */
  MonthlyCost(Scenario scenario, Map<Item, Long> scheduled, Map<Item, Long> onUse, long refreshes) {
    double month = scenario.toMonth();
    parts.put("leases", units(scheduled, Item.LEASE_WRITE, 1) * WRITE_UNIT * month);
    parts.put("grants written", units(scheduled, Item.GRANT_WRITE, GRANT_WRITE_UNITS) * WRITE_UNIT * month);
    parts.put("markers written", units(scheduled, Item.MARKER_WRITE, 1) * WRITE_UNIT * month);
    parts.put("grants read", units(scheduled, Item.GRANT_READ, 1) * READ_UNIT * month);
    double markerPages = (double) units(scheduled, Item.MARKER_READ, MARKER_BYTES) / READ_UNIT_BYTES;
    parts.put("markers and cursors read", (units(scheduled, Item.MARKER_QUERY, 1) + markerPages
        + units(scheduled, Item.CURSOR_READ, 1)) * READ_UNIT * month);
    parts.put("cursors written", units(scheduled, Item.CURSOR_WRITE, 1) * WRITE_UNIT * month);
    parts.put("last uses noted, refreshes on use", (units(onUse, Item.LEASE_WRITE, 1)
        + units(onUse, Item.GRANT_WRITE, GRANT_WRITE_UNITS) + units(onUse, Item.MARKER_WRITE, 1)) * WRITE_UNIT * month);
    double runs = scenario.workers() * 60 * 24 * 30.0;
    double seconds = runs * IDLE_RUN_SECONDS + refreshes * month * ATTEMPT_SECONDS / AT_ONCE;
    parts.put("Lambda", runs * LAMBDA_REQUEST + seconds * GIGABYTES_OF_MEMORY * LAMBDA_GIGABYTE_SECOND);
    double markers = refreshes * 24.0 / scenario.hours() * MARKER_DAYS;
    parts.put("storage", ((double) scenario.grants() * GRANT_BYTES + markers * MARKER_BYTES) / 1e9 * STORED_GIGABYTE);
  }

  Map<String, Double> parts() {
    return parts;
  }

  double total() {
    return parts.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  private static long units(Map<Item, Long> counts, Item item, int each) {
    return counts.getOrDefault(item, 0L) * each;
  }
}
