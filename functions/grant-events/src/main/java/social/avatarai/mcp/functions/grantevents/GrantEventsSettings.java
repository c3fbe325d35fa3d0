package social.avatarai.mcp.functions.grantevents;

import java.util.Map;
import social.avatarai.mcp.lambda.SettingsReader;

/**
 * The settings of this function alone; all faults are reported together.
 *
 * @param bus {@code EVENT_BUS}: the name of the bus to which events go
 * @param withRefreshes {@code EVENTS}: {@code on}, or {@code all} for events about refreshes too
 */
record GrantEventsSettings(String bus, boolean withRefreshes) {

  /** Reads the settings. A {@code misconfigured} failure names every fault. */
  static GrantEventsSettings read(Map<String, String> environment) {
    var reader = new SettingsReader(environment);
    String bus = reader.required("EVENT_BUS");
    String events = reader.oneOf("EVENTS", "", "on", "all");
    reader.requireNoFaults();
    return new GrantEventsSettings(bus, events.equals("all"));
  }
}
