package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static social.avatarai.mcp.local.RotationDates.require;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.local.RingRotation.Step;
import social.avatarai.mcp.registration.SigningKeys;

/** The steps of rotating our signing keys, on the JSON text of their set. */
final class SigningRotation {
  /** How long other servers may use the {@code jwks.json} that they have fetched. Usually they use it for less. */
  static final Duration UNTIL_FETCHED = Duration.ofDays(1);

  private final RotationDates dates;

  SigningRotation(Clock clock) {
    this.dates = new RotationDates(clock);
  }

  /** Adds a key: it is published, but signs nothing yet. */
  Step add(String set) {
    var next = read(set);
    // Names the key that signs, before another key takes the first place.
    next.put("current", current(next));
    var key = SigningKeys.newPrivateKey();
    var keys = next.putArray("keys").add(key);
    read(set).path("keys").forEach(keys::add);
    String kid = kid(key);
    dates.note(next, kid, "added");
    return new Step(next.toString(), "added " + kid + ", published within 5 minutes; let it sign from "
        + dates.now().plus(UNTIL_FETCHED) + " on: ops/keys use-signing " + kid);
  }

  /** Makes this key the one that signs. */
  Step use(String set, String kid) {
    var next = read(set);
    require(kids(next).contains(kid), "there is no signing key " + kid);
    require(!kid.equals(current(next)), kid + " signs already");
    requirePast(next, kid, "added", kid + " may not have been fetched by everyone yet");
    next.put("current", kid);
    dates.note(next, kid, "current");
    return new Step(next.toString(), kid + " signs. Take the one before out from "
        + dates.now().plus(UNTIL_FETCHED) + " on: ops/keys retire-signing KID");
  }

  /** Removes this key: it is no longer published. */
  Step retire(String set, String kid) {
    var next = read(set);
    require(kids(next).contains(kid), "there is no signing key " + kid);
    require(!kid.equals(current(next)), kid + " signs: let another key sign first");
    requirePast(next, current(next), "current", "what " + kid + " signed may still be on its way");
    var keys = next.putArray("keys");
    read(set).path("keys").forEach(key -> {
      if (!kid(key).equals(kid)) keys.add(key);
    });
    next.withObject("/dates").remove(kid);
    return new Step(next.toString(), kid + " is gone");
  }

  /** A line for each key. */
  List<String> status(String set) {
    var now = read(set);
    return kids(now).stream().map(kid -> kid + ": " + (kid.equals(current(now)) ? "signs" : "published")
        + RotationDates.of(now, kid, "added").map(date -> ", added " + date).orElse("")
        + RotationDates.of(now, kid, "current").map(date -> ", current " + date).orElse("")).toList();
  }

  private void requirePast(ObjectNode set, String kid, String step, String otherwise) {
    dates.settling(set, kid, step, UNTIL_FETCHED)
        .ifPresent(settled -> {
          throw new IllegalArgumentException(otherwise + ": wait until " + settled);
        });
  }

  private static String current(ObjectNode set) {
    return Json.text(set, "current").orElseGet(() -> kids(set).getFirst());
  }

  private static List<String> kids(ObjectNode set) {
    return set.path("keys").valueStream().map(SigningRotation::kid).toList();
  }

  private static String kid(JsonNode key) {
    return key.path("kid").asText();
  }

  private static ObjectNode read(String set) {
    return Json.object(set.getBytes(UTF_8))
        .filter(object -> object.path("keys") instanceof ArrayNode keys && !keys.isEmpty())
        .orElseThrow(() -> new IllegalArgumentException("the signing key's secret holds no key set"));
  }
}
