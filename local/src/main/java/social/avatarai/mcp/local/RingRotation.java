package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static social.avatarai.mcp.local.RotationDates.require;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.vault.KeyRing;

/**
 * The steps of rotating a key ring, on its JSON text. The member {@code dates} of the ring says when each step was
 * taken. So a step that needs the step before to be known everywhere can check this.
 */
final class RingRotation {
  /** Twice the time after which a process reads the ring again, because one reading may fail. */
  static final Duration UNTIL_KNOWN = Duration.ofMinutes(10);
  /** Point-in-time recovery goes back 35 days. One more day covers the clocks and the time of restoring. */
  static final Duration RESTORABLE = Duration.ofDays(36);

  private final RotationDates dates;

  RingRotation(Clock clock) {
    this.dates = new RotationDates(clock);
  }

  /**
   * A ring after a step.
   *
   * @param ring its JSON text, which is secret
   * @param said the message for the operator, without any key
   */
  record Step(String ring, String said) {}

  /** Adds a key, which opens values but does not seal any yet. */
  Step add(String ring) {
    var next = read(ring);
    // A key id must never have been used before, nor may another operator choose the same one at the same moment.
    String id = "k" + LocalDate.ofInstant(dates.now(), ZoneOffset.UTC).toString().replace("-", "") + "-"
        + Unguessable.text().replaceAll("[^a-z0-9]", "").substring(0, 6);
    next.put(id, Unguessable.text() + Unguessable.text());
    dates.note(next, id, "added");
    return new Step(next.toString(), "added " + id + "; make it current from "
        + dates.now().plus(UNTIL_KNOWN) + " on: ops/keys use " + id);
  }

  /** Makes this key the one that seals. */
  Step use(String ring, String id) {
    var next = read(ring);
    require(keys(next).contains(id), "the ring has no key " + id);
    require(!retired(next).contains(id), id + " is retired");
    require(!id.equals(current(next)), id + " is current already");
    requirePast(next, id, "added", id + " is not known everywhere yet");
    next.put("current", id);
    dates.note(next, id, "current");
    return new Step(next.toString(), id + " is current; seal the rest with it from "
        + dates.now().plus(UNTIL_KNOWN) + " on: ops/keys reencrypt");
  }

  /** Marks this key: it still opens values, and never seals again. */
  Step retire(String ring, String id) {
    var next = read(ring);
    require(keys(next).contains(id), "the ring has no key " + id);
    require(!id.equals(current(next)), id + " is current: make another key current first");
    require(!retired(next).contains(id), id + " is retired already");
    requireSettled(next);
    next.withArray("retired").add(id);
    dates.note(next, id, "retired");
    return new Step(next.toString(), id + " only opens from now on. It must stay in the ring until "
        + dates.now().plus(RESTORABLE) + " at least: a backup may be restored that needs it");
  }

  /** Fails unless every process already seals with the current key. */
  void requireSettled(String ring) {
    requireSettled(read(ring));
  }

  /** A line for each key. */
  List<String> status(String ring) {
    var now = read(ring);
    var lines = new ArrayList<String>();
    for (String id : keys(now)) {
      var line = new StringBuilder(id).append(": ").append(id.equals(current(now))
          ? "current"
          : retired(now).contains(id) ? "retired" : "opens");
      now.path("dates").path(id).properties()
          .forEach(date -> line.append(", ").append(date.getKey()).append(' ').append(date.getValue().asText()));
      if (retired(now).contains(id)) {
        RotationDates.of(now, id, "retired")
            .ifPresent(date -> line.append(", to stay until ").append(date.plus(RESTORABLE)));
      }
      lines.add(line.toString());
    }
    return lines;
  }

  private void requireSettled(ObjectNode ring) {
    requirePast(ring, current(ring), "current", "some still seal with the key before");
  }

  /** Fails if the step is too recent. A step without a date was taken by hand or with the stack, so it was long ago. */
  private void requirePast(ObjectNode ring, String id, String step, String otherwise) {
    dates.settling(ring, id, step, UNTIL_KNOWN)
        .ifPresent(settled -> {
          throw new IllegalArgumentException(otherwise + ": wait until " + settled);
        });
  }

  private static List<String> keys(ObjectNode ring) {
    return ring.properties().stream().filter(member -> !member.getKey().equals("current"))
        .filter(member -> member.getValue().isTextual()).map(Map.Entry::getKey).toList();
  }

  private static String current(ObjectNode ring) {
    return ring.path("current").asText();
  }

  private static List<String> retired(ObjectNode ring) {
    return ring.path("retired").valueStream().map(JsonNode::asText).toList();
  }

  /** Refuses a ring that the functions would refuse. */
  private static ObjectNode read(String ring) {
    KeyRing.parse(ring);
    return Json.object(ring.getBytes(UTF_8)).orElseThrow();
  }
}
