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
import java.util.stream.Collectors;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.TokenCipher.Place;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The change that seals an item's values anew with the current key. It holds only where each of them is still, byte for
 * byte, what was read: whoever writes a value seals it anew anyway, under another salt.
 */
final class Resealing {
  private final TokenCipher cipher;
  private final ItemReader row;
  private final Function<String, Place> places;
  private final Function<String, Destination> destinations;
  private final Map<String, AttributeValue> before = new LinkedHashMap<>();
  private final List<Consumer<ItemUpdate>> steps = new ArrayList<>();

  /**
   * @param places where an attribute's value belongs
   * @param destinations where an attribute's value may be sent
   */
  Resealing(TokenCipher cipher, ItemReader row, Function<String, Place> places,
      Function<String, Destination> destinations) {
    this.cipher = cipher;
    this.row = row;
    this.places = places;
    this.destinations = destinations;
  }

  /** Seals an attribute anew, if the item has it, and under an older key. */
  Resealing seal(String attribute) {
    byte[] sealed = row.bytesOrNull(attribute);
    if (sealed == null || cipher.isCurrent(sealed)) return this;
    byte[] anew = cipher.seal(open(attribute, sealed), places.apply(attribute), destinations.apply(attribute));
    before.put(attribute, bytes(sealed));
    steps.add(change -> change.set(attribute, bytes(anew)));
    return this;
  }

  /**
   * Makes the digest of a sealed attribute anew, if it is of an older key. What is filed under the digest moves with it.
   *
   * @param filed a map of texts under digests
   */
  Resealing digest(String attribute, String of, String filed) {
    byte[] sealed = row.bytesOrNull(of);
    String digest = row.text(attribute);
    if (sealed == null || cipher.isCurrent(digest)) return this;
    String anew = cipher.mac(open(of, sealed), places.apply(attribute));
    before.put(of, bytes(sealed));
    before.put(attribute, text(digest));
    steps.add(change -> change.set(attribute, text(anew)));
    String previous = row.textWithin(filed, digest);
    if (previous != null) {
      steps.add(change -> change.clause("#filed.#digest = :previous").naming("filed", filed).naming("digest", anew)
          .with("previous", text(previous)));
    }
    return this;
  }

  /** The change; empty when everything is as it should be. */
  Optional<ItemUpdate> change() {
    if (steps.isEmpty()) return Optional.empty();
    var same = Condition.of(before.keySet().stream().map(attribute -> "#" + attribute + " = :" + attribute + "Before")
        .collect(Collectors.joining(" AND ")));
    before.forEach((attribute, value) -> same.with(attribute + "Before", value));
    var change = ItemUpdate.when(same);
    steps.forEach(step -> step.accept(change));
    return Optional.of(change);
  }

  private String open(String attribute, byte[] sealed) {
    return cipher.open(sealed, places.apply(attribute), destinations.apply(attribute));
  }
}
