package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.millis;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.token.WaitingGrant;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.TokenCipher;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A grant that waits for a decision as an item: {@code new#<connection>}, in the partition of its user. The whole item of
 * the grant is one attribute, so that nothing finds it as a grant: no list, no index and no stream.
 */
final class WaitingItem {
  private static final String SORT_PREFIX = "new#";
  private static final String WAITING = "waiting";
  private static final String GRANT = "waitingGrant";
  /** DynamoDB cleans the item up so long after its end, so that clocks that differ a little never do it too early. */
  private static final Duration CLEANED_AFTER = Duration.ofMinutes(5);

  private final GrantItem items;

  WaitingItem(TokenCipher cipher) {
    this.items = new GrantItem(new Apart(cipher));
  }

  static Map<String, AttributeValue> key(ConnectionKey key) {
    return Values.key(GrantItem.partition(key.user()), SORT_PREFIX + key.connection());
  }

  Map<String, AttributeValue> of(WaitingGrant one) {
    var key = one.grant().key();
    return Values.of(GrantItem.partition(key.user()), SORT_PREFIX + key.connection())
        .with(GRANT, text(one.grant().id().value()))
        .with(WAITING, AttributeValue.fromM(items.of(one.grant()))).with("expiresAtMillis", millis(one.expiresAt()))
        .with(Tables.TTL, Values.seconds(one.expiresAt().plus(CLEANED_AFTER))).toMap();
  }

  WaitingGrant waiting(Map<String, AttributeValue> item) {
    return ItemReader.map(GrantItem.TABLE, item,
        row -> new WaitingGrant(items.grant(row.item(WAITING)), row.instant("expiresAtMillis")));
  }

  /** The condition that the row still has this grant. */
  static Condition same(WaitingGrant one) {
    return Condition.of("#waitingGrant = :waitingGrant").with(GRANT, text(one.grant().id().value()));
  }

  /** Seals for places of their own, so that no value of a waiting grant opens in the row of a grant in use. */
  private record Apart(TokenCipher cipher) implements TokenCipher {
    private static Place apart(Place place) {
      var parts = new ArrayList<>(place.parts());
      parts.add(WAITING);
      return new Place(place.table(), parts);
    }

    @Override
    public byte[] seal(String plaintext, Place place, Destination destination) {
      return cipher.seal(plaintext, apart(place), destination);
    }

    @Override
    public String open(byte[] sealed, Place place, Destination destination) {
      return cipher.open(sealed, apart(place), destination);
    }

    @Override
    public String mac(String plaintext, Place place) {
      return cipher.mac(plaintext, apart(place));
    }

    @Override
    public boolean matches(String mac, String plaintext, Place place) {
      return cipher.matches(mac, plaintext, apart(place));
    }

    @Override
    public boolean isCurrent(byte[] sealed) {
      return cipher.isCurrent(sealed);
    }

    @Override
    public boolean isCurrent(String mac) {
      return cipher.isCurrent(mac);
    }
  }
}
