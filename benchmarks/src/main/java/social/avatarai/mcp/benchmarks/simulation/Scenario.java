package social.avatarai.mcp.benchmarks.simulation;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What is simulated.
 *
 * @param grants how many grants are stored
 * @param issuers how many issuers they are spread over
 * @param grantsPerUser how many grants a user has
 * @param tokenLife how long an access token lives
 * @param activePercent how many of a hundred grants are in use
 * @param usesPerDay how often an active grant is used in a day
 * @param hours how much time is simulated
 * @param workers how many workers share the shards
 */
record Scenario(int grants, int issuers, int grantsPerUser, Duration tokenLife, int activePercent, int usesPerDay,
    int hours, int workers) {

  /** Reads arguments such as {@code active=10}; what is not given has a default. */
  static Scenario parse(int grants, String... arguments) {
    var given = new HashMap<String, Integer>(Map.of("issuers", 20, "per-user", 3, "life", 60, "active", 10, "uses", 8,
        "hours", 24, "workers", 4));
    Arrays.stream(arguments).map(argument -> argument.split("=", 2)).forEach(pair -> {
      if (pair.length < 2 || given.replace(pair[0], Integer.valueOf(pair[1])) == null) {
        throw new IllegalArgumentException("unknown argument " + pair[0] + "; known: " + given.keySet());
      }
    });
    return new Scenario(grants, given.get("issuers"), given.get("per-user"), Duration.ofMinutes(given.get("life")),
        given.get("active"), given.get("uses"), given.get("hours"), given.get("workers"));
  }

  int active() {
    return (int) ((long) grants * activePercent / 100);
  }

  /** From the simulated time to a month of 30 days. */
  double toMonth() {
    return 30 * 24.0 / hours;
  }
}
