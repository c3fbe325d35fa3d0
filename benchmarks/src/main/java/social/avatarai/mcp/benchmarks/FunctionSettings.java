package social.avatarai.mcp.benchmarks;

import java.util.Map;
import java.util.TreeMap;
import social.avatarai.mcp.aws.dynamodb.Tables;

/** The settings of a function in a benchmark, as the template sets them. */
public final class FunctionSettings {
  private FunctionSettings() {}

  /**
   * @param keyRing the name of the key ring's secret
   * @return a new map, to which the benchmark may add
   */
  public static Map<String, String> of(Tables tables, String keyRing) {
    return new TreeMap<>(Map.of("SESSIONS_TABLE", tables.sessions(), "TOKENS_TABLE", tables.tokens(), "DUE_TABLE",
        tables.due(), "REGISTRATIONS_TABLE", tables.registrations(), "SERVERS_TABLE", tables.servers(),
        "KEY_RING_SECRET", keyRing, "SIGNING_KEY_SECRET", "benchmark/signing-key", "CLIENT_SECRET_PREFIX",
        "benchmark", "REQUIRED_SCOPE", "mcp:use"));
  }
}
