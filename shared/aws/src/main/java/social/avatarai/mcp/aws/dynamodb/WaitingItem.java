package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.millis;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.Identity;
import social.avatarai.mcp.token.WaitingGrant;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.TokenCipher;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A grant that waits for a decision as an item: {@code new#<connection>#<grant id>}, in the partition of its user. The whole item of
 * the grant is one attribute, so that nothing finds it as a grant: no list, no index and no stream.
 */
final class WaitingItem {
  static final String SORT_PREFIX = "new#";
  private static final String WAITING = "waiting";
  private static final String EXPIRES = "expiresAtMillis";
  /** DynamoDB cleans the item up so long after its end, so that clocks that differ a little never do it too early. */
  private static final Duration CLEANED_AFTER = Duration.ofMinutes(5);

  private final GrantItem items;

  WaitingItem(TokenCipher cipher) {
    this.items = new GrantItem(new Apart(cipher));
  }

  static Map<String, AttributeValue> key(ConnectionKey key, GrantId id) {
    return Values.key(GrantItem.partition(key.user()), sort(key, id));
  }

  /** The common start of the sort keys of what waits for a connection. */
  static String prefix(ConnectionId connection) {
    return SORT_PREFIX + connection + "#";
  }

  private static String sort(ConnectionKey key, GrantId id) {
    return prefix(key.connection()) + id.value();
  }

  static ConnectionId connectionOf(Map<String, AttributeValue> item) {
    return ItemReader.map(GrantItem.TABLE, item, row -> new ConnectionId(row.text(Tables.SORT).split("#", 3)[1]));
  }

  Map<String, AttributeValue> of(WaitingGrant one) {
    var key = one.grant().key();
    return Values.of(GrantItem.partition(key.user()), sort(key, one.grant().id()))
        .with(WAITING, AttributeValue.fromM(items.of(one.grant()))).with(EXPIRES, millis(one.expiresAt()))
        .with(Tables.TTL, Values.seconds(one.expiresAt().plus(CLEANED_AFTER))).toMap();
  }

  WaitingGrant waiting(Map<String, AttributeValue> item) {
    return ItemReader.map(GrantItem.TABLE, item,
        row -> new WaitingGrant(items.grant(row.item(WAITING)), row.instant(EXPIRES)));
  }

  static boolean isWaiting(Map<String, AttributeValue> item) {
    return item.getOrDefault(Tables.SORT, text("")).s().startsWith(SORT_PREFIX);
  }

  /**
   * Whether this is a grant that waits and may still be stored, see {@link WaitingGrant#mayBeStored}. One that cannot be
   * read may not: no decision finds it.
   */
  static boolean mayBeStored(Map<String, AttributeValue> item, Instant now) {
    if (!isWaiting(item)) return false;
    try {
      return ItemReader.map(GrantItem.TABLE, item,
          row -> WaitingGrant.mayBeStored(row.instant(EXPIRES), now));
    } catch (Failure.Misconfigured e) {
      return false;
    }
  }

  /** The item of the grant that waits in this row; without attributes if there is none. */
  static Map<String, AttributeValue> grant(Map<String, AttributeValue> item) {
    return item.getOrDefault(WAITING, AttributeValue.fromM(Map.of())).m();
  }

  /** The account of a grant that waits; empty if it is not known, or cannot be opened. */
  Optional<Identity> identity(Map<String, AttributeValue> grant) {
    return items.identity(grant);
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
