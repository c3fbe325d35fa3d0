package social.avatarai.mcp.functions.grantevents;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import social.avatarai.mcp.Failure;

/**
 * The settings of this function alone; all faults are reported together.
 *
 * @param bus {@code EVENT_BUS}: the name of the bus to which events go
 * @param withRefreshes {@code EVENTS}: {@code on}, or {@code all} for events about refreshes too
 */
record GrantEventsSettings(String bus, boolean withRefreshes) {

  /** Reads the settings. A {@code misconfigured} failure names every fault. */
  static GrantEventsSettings read(Map<String, String> environment) {
    var faults = new ArrayList<String>();
    String bus = environment.getOrDefault("EVENT_BUS", "").strip();
    if (bus.isEmpty()) faults.add("EVENT_BUS is missing");
    String events = environment.getOrDefault("EVENTS", "").strip();
    if (!List.of("on", "all").contains(events)) faults.add("EVENTS must be on or all");
    if (faults.isEmpty()) return new GrantEventsSettings(bus, events.equals("all"));
    throw new Failure.Misconfigured("The settings are wrong: " + String.join("; ", faults) + ".", "");
  }
}
