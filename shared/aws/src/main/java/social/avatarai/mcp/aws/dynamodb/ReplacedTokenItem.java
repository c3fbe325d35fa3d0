package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.bytes;
import static social.avatarai.mcp.aws.dynamodb.Values.millis;
import static social.avatarai.mcp.aws.dynamodb.Values.number;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Secret;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.Identity;
import social.avatarai.mcp.token.ReplacedToken;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.TokenCipher.Place;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The token of a replaced or ended grant as an item: {@code old#<connection>#<grant id>}, in the partition of its user.
 * The item has a refresh token, or an access token if the grant had no refresh token.
 */
final class ReplacedTokenItem {
  static final String SORT_PREFIX = "old#";
  /**
   * The sealed attributes have their own names, so that a value of this item cannot be opened in the row of a grant.
   */
  static final String SEALED = "replacedRefreshToken";
  static final String SEALED_ACCESS = "replacedAccessToken";

  /** The account, which is personal data; absent if it is not known. */
  private static final String SEALED_ACCOUNT = "replacedIdentity";

  private final TokenCipher cipher;

  ReplacedTokenItem(TokenCipher cipher) {
    this.cipher = cipher;
  }

  /** The common start of the sort keys of a connection's tokens. */
  static String prefix(ConnectionId connection) {
    return SORT_PREFIX + connection + "#";
  }

  static Map<String, AttributeValue> key(ReplacedToken token) {
    return Values.key(GrantItem.partition(token.connection().user()), sort(token));
  }

  static boolean isReplacedToken(Map<String, AttributeValue> item) {
    return item.getOrDefault(Tables.SORT, text("")).s().startsWith(SORT_PREFIX);
  }

  private static String sort(ReplacedToken token) {
    return prefix(token.connection().connection()) + token.grant().value();
  }

  Map<String, AttributeValue> of(ReplacedToken token) {
    var secret = Objects.requireNonNull(token.token());
    String field = secret instanceof AccessToken ? SEALED_ACCESS : SEALED;
    var place = place(token.connection(), token.grant(), token.target().issuer().value(), field);
    return Values.of(GrantItem.partition(token.connection().user()), sort(token)).with("version",
        number(token.version()))
        .with(TargetItem.of(token.target())).with(TargetItem.of(token.client()))
        .with("replacedAtMillis", millis(token.replacedAt())).with(SEALED_ACCOUNT, account(token))
        .with(field, bytes(cipher.seal(secret.reveal(), place, Destinations.tokens(token.target(), token.client()))))
        .toMap();
  }

  /** The token of a row; empty if the row cannot be read. */
  Optional<ReplacedToken> readable(Map<String, AttributeValue> item) {
    try {
      return Optional.of(token(item));
    } catch (Failure.Misconfigured e) {
      return Optional.empty();
    }
  }

  ReplacedToken token(Map<String, AttributeValue> item) {
    return ItemReader.map(GrantItem.TABLE, item,
        row -> new ReplacedToken(connection(row), grant(row), row.number("version"), TargetItem.target(row),
            TargetItem.client(row), open(row), row.instant("replacedAtMillis"),
            account(row)));
  }

  static ConnectionId connectionOf(Map<String, AttributeValue> item) {
    return ItemReader.map(GrantItem.TABLE, item, row -> connection(row).connection());
  }

  /** The update that seals the token with the current key; empty if the token already is sealed with it. */
  Optional<ItemUpdate> resealing(Map<String, AttributeValue> item) {
    return ItemReader.map(GrantItem.TABLE, item,
        row -> withoutQuery(row, new Resealing(cipher, row, field -> place(row, field), _ -> destination(row)))
            .seal(SEALED).seal(SEALED_ACCESS).seal(SEALED_ACCOUNT).change());
  }

  private static Resealing withoutQuery(ItemReader row, Resealing resealing) {
    var url = TargetItem.target(row).serverUrl();
    if (!ServerQuery.isInTheClear(url)) return resealing;
    return resealing.replace("serverUrl", text(url.value()))
        .with(Map.of("serverUrl", text(url.withoutQuery().value())));
  }

  private static Destination destination(ItemReader row) {
    return Destinations.tokens(TargetItem.target(row), TargetItem.client(row));
  }

  /** The token; null if it cannot be opened, because its key is gone or the row was changed. */
  private @Nullable Secret open(ItemReader row) {
    try {
      return row.has(SEALED_ACCESS)
          ? new AccessToken(open(row, SEALED_ACCESS))
          : new RefreshToken(open(row, SEALED));
    } catch (Failure.Misconfigured | IllegalArgumentException e) {
      return null;
    }
  }

  private @Nullable AttributeValue account(ReplacedToken token) {
    if (token.account() == null) return null;
    var place = place(token.connection(), token.grant(), token.target().issuer().value(), SEALED_ACCOUNT);
    return bytes(cipher.seal(GrantItem.identity(token.account()), place,
        Destinations.tokens(token.target(), token.client())));
  }

  /** The account; null if it is not known, or cannot be opened. */
  private @Nullable Identity account(ItemReader row) {
    try {
      return row.has(SEALED_ACCOUNT) ? GrantItem.identity(open(row, SEALED_ACCOUNT)) : null;
    } catch (Failure.Misconfigured | IllegalArgumentException e) {
      return null;
    }
  }

  private String open(ItemReader row, String field) {
    return cipher.open(row.bytes(field), place(row, field), destination(row));
  }

  private static Place place(ItemReader row, String field) {
    return place(connection(row), grant(row), row.text("issuer"), field);
  }

  /** The place that a sealed attribute of a kept token is bound to. */
  private static Place place(ConnectionKey connection, GrantId grant, String issuer, String field) {
    return Place.of(GrantItem.TABLE, connection.user().value(), connection.connection().value(), grant.value(), issuer,
        field);
  }

  private static ConnectionKey connection(ItemReader row) {
    return new ConnectionKey(GrantItem.user(row), new ConnectionId(part(row, 1)));
  }

  private static GrantId grant(ItemReader row) {
    return new GrantId(part(row, 2));
  }

  private static String part(ItemReader row, int number) {
    String[] parts = row.text(Tables.SORT).split("#", 3);
    if (parts.length != 3) throw new IllegalArgumentException("attribute sk names no replaced grant");
    return parts[number];
  }
}
