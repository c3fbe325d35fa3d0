package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.bytes;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.TokenCipher.Place;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The update that seals an item's values again with the current key. It applies only while every value is byte for byte
 * what was read. If another process writes a value meanwhile, that write has sealed it with another salt.
 */
final class Resealing {
  private final TokenCipher cipher;
  private final ItemReader row;
  private final Function<String, Place> places;
  private final Function<String, Destination> destinations;
  private final Map<String, AttributeValue> before = new LinkedHashMap<>();
  private final List<Consumer<ItemUpdate>> steps = new ArrayList<>();

  /**
   * @param places the place that an attribute's value belongs to
   * @param destinations the destination that an attribute's value may be sent to
   */
  Resealing(TokenCipher cipher, ItemReader row, Function<String, Place> places,
      Function<String, Destination> destinations) {
    this.cipher = cipher;
    this.row = row;
    this.places = places;
    this.destinations = destinations;
  }

  /** Seals an attribute again, if the item has it and it is under an older key. */
  Resealing seal(String attribute) {
    byte[] sealed = row.bytesOrNull(attribute);
    if (sealed == null || cipher.isCurrent(sealed)) return this;
    byte[] resealed = cipher.seal(open(attribute, sealed), places.apply(attribute), destinations.apply(attribute));
    before.put(attribute, bytes(sealed));
    steps.add(change -> change.set(attribute, bytes(resealed)));
    return this;
  }

  /**
   * Computes the digest of a sealed attribute again, if it is under an older key. The entry that is filed under the
   * digest moves with it.
   *
   * @param filed a map of texts under digests
   */
  Resealing digest(String attribute, String of, String filed) {
    byte[] sealed = row.bytesOrNull(of);
    String digest = row.text(attribute);
    if (sealed == null || cipher.isCurrent(digest)) return this;
    String current = cipher.mac(open(of, sealed), places.apply(attribute));
    before.put(of, bytes(sealed));
    before.put(attribute, text(digest));
    steps.add(change -> change.set(attribute, text(current)));
    String previous = row.textWithin(filed, digest);
    if (previous != null) {
      steps.add(change -> change.clause("#filed.#digest = :previous").naming("filed", filed).naming("digest", current)
          .with("previous", text(previous)));
    }
    return this;
  }

  /** Computes the digest of a sealed attribute again, if the item has it and it is under an older key. */
  Resealing digest(String attribute, String of) {
    byte[] sealed = row.bytesOrNull(of);
    String digest = row.textOrNull(attribute);
    if (sealed == null || digest == null || cipher.isCurrent(digest)) return this;
    String current = cipher.mac(open(of, sealed), places.apply(attribute));
    before.put(attribute, text(digest));
    steps.add(change -> change.set(attribute, text(current)));
    return this;
  }

  /** An attribute of an earlier release that is written again in the form of this release. */
  Resealing replace(String attribute, AttributeValue earlier) {
    before.put(attribute, earlier);
    return this;
  }

  /** Writes these attributes. */
  Resealing with(Map<String, ? extends @Nullable AttributeValue> attributes) {
    attributes.forEach((attribute, value) -> steps.add(change -> change.set(attribute, value)));
    return this;
  }

  /** The update; empty when there is nothing to change. */
  Optional<ItemUpdate> change() {
    if (steps.isEmpty()) return Optional.empty();
    var same = before.entrySet().stream().map(attribute -> Condition.is(attribute.getKey(), attribute.getValue()))
        .reduce(Condition::and).orElseThrow();
    var change = ItemUpdate.when(same);
    steps.forEach(step -> step.accept(change));
    return Optional.of(change);
  }

  private String open(String attribute, byte[] sealed) {
    return cipher.open(sealed, places.apply(attribute), destinations.apply(attribute));
  }
}
