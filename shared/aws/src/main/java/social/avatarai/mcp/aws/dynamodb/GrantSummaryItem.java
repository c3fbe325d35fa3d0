package social.avatarai.mcp.aws.dynamodb;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.token.Account;
import social.avatarai.mcp.token.AccountChange;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantSummary;
import social.avatarai.mcp.vault.TokenCipher;

/**
 * The attributes of a grant's item that lists show, see {@link GrantItem}. None of them is sealed, except the texts about
 * the account: they are personal data.
 */
final class GrantSummaryItem {
  /** The digest shows whether there is a refresh token, so the token itself is not read. */
  private static final String DIGEST = "refreshMac";

  static final List<String> ATTRIBUTES = Stream
      .concat(Stream.of(Tables.PARTITION, Tables.SORT, "issuer", "tokenEndpoint", "resource",
          "serverUrl", "clientOwner", "clientOrigin", "clientId", "clientMethod", "scope", "expiresAtMillis", DIGEST,
          "status", "failures", "refusals", "notBeforeMillis", "lastUsedMillis", "dueMinute", "cause", "sinceMillis",
          "rejectedMillis", "warnings"),
          Stream.concat(GrantItem.OF_THE_ACCOUNT.stream(), StatedItem.OF_AN_ISSUER.stream()))
      .toList();

  private final Supplier<TokenCipher> cipher;

  /** @param cipher opens the account. It is not asked for while no row has one, because it may need a client of AWS */
  GrantSummaryItem(Supplier<TokenCipher> cipher) {
    this.cipher = cipher;
  }

  GrantSummary summary(ItemReader row) {
    var key = GrantItem.key(row);
    return new GrantSummary(key, TargetItem.target(row), TargetItem.client(row), Scopes.parse(row.text("scope")),
        row.instantOrNull("expiresAtMillis"), !row.text(DIGEST).equals(GrantItem.NO_MAC), GrantStateItem.listed(row),
        row.words("warnings", Grant.Warning.class), account(row), accountChange(row));
  }

  private @Nullable Account account(ItemReader row) {
    return row.has(GrantItem.IDENTITY) ? new GrantItem(cipher.get()).account(row) : null;
  }

  private @Nullable AccountChange accountChange(ItemReader row) {
    return row.has(GrantItem.CHANGE) ? new GrantItem(cipher.get()).accountChange(row) : null;
  }
}
