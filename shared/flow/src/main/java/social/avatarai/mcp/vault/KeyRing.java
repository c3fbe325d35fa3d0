package social.avatarai.mcp.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.Json;

/**
 * The keys from which all other keys are derived. The current key seals; older keys only open.
 *
 * <p>The ring is stored as a JSON object. The member {@code current} names the id of the current key. Every other text
 * member is a random key under its id; the UTF-8 bytes of the text are the key material. The list {@code retired} names
 * keys that must not become current again. The object {@code dates} is a note for the operator who rotates the keys. A
 * ring without a usable current key is refused, because nothing could be sealed.
 */
public final class KeyRing {

  /** The minimum length in characters. Shorter texts are refused as a mistake: 32 hex digits are 128 random bits. */
  public static final int MIN_KEY_LENGTH = 32;

  private static final String CURRENT = "current";
  private static final String RETIRED = "retired";
  private static final String DATES = "dates";
  /** No colon, because a colon ends the key id of a mac; short enough for one length byte. */
  private static final String KEY_ID_FORM = "[A-Za-z0-9_-]{1,64}";

  private final String currentId;
  private final Map<String, RingKey> keys;

  private KeyRing(String currentId, Map<String, RingKey> keys) {
    this.currentId = currentId;
    this.keys = Map.copyOf(keys);
  }

  /** Parses the JSON text of a ring. Fails with {@code Failure.Misconfigured} if the text is not a usable ring. */
  public static KeyRing parse(String json) {
    ObjectNode ring = Json.object(json.getBytes(UTF_8)).orElseThrow(() -> unusable("is not a JSON object"));
    String currentId = Json.text(ring, CURRENT).orElseThrow(() -> unusable("names no current key"));
    var keys = new LinkedHashMap<String, RingKey>();
    for (Map.Entry<String, JsonNode> member : ring.properties()) {
      if (isKey(member)) keys.put(keyId(member.getKey()), key(member.getValue()));
    }
    if (!keys.containsKey(currentId)) throw unusable("does not hold its current key");
    for (JsonNode id : ring.path(RETIRED)) {
      if (currentId.equals(id.textValue())) throw unusable("has retired its current key");
    }
    return new KeyRing(currentId, keys);
  }

  /** The JSON text of a new ring with one key, for a store without a ring. */
  public static String fresh() {
    return JsonText.of(Json.newObject().put(CURRENT, "k1").put("k1", Unguessable.text() + Unguessable.text()));
  }

  /** The id of the current key, which seals. */
  String currentId() {
    return currentId;
  }

  /** The current key, which seals. */
  RingKey currentKey() {
    return Objects.requireNonNull(keys.get(currentId));
  }

  Optional<RingKey> key(String id) {
    return Optional.ofNullable(keys.get(id));
  }

  private static boolean isKey(Map.Entry<String, JsonNode> member) {
    return switch (member.getKey()) {
      case CURRENT -> false;
      case RETIRED -> !member.getValue().isArray();
      case DATES -> !member.getValue().isObject();
      default -> true;
    };
  }

  private static String keyId(String name) {
    if (!name.matches(KEY_ID_FORM)) throw unusable("has a key id that is none");
    return name;
  }

  private static RingKey key(JsonNode value) {
    if (!value.isTextual() || value.textValue().length() < MIN_KEY_LENGTH) {
      throw unusable("has a key of less than " + MIN_KEY_LENGTH + " characters");
    }
    return RingKey.of(value.textValue());
  }

  /** A failure without any text of the ring, because such a text may be a key. */
  private static Failure.Misconfigured unusable(String what) {
    return new Failure.Misconfigured("The key ring is not usable.", "the key ring " + what);
  }

  @Override
  public String toString() {
    return "KeyRing[redacted]";
  }
}
