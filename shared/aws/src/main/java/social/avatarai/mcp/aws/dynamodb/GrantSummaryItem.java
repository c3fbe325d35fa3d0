package social.avatarai.mcp.aws.dynamodb;

import java.util.List;
import java.util.stream.Stream;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantSummary;

/** The attributes of a grant's item that lists show, see {@link GrantItem}. None of them is sealed. */
final class GrantSummaryItem {
  /** The digest shows whether there is a refresh token, so the token itself is not read. */
  private static final String DIGEST = "refreshMac";

  static final List<String> ATTRIBUTES = Stream
      .concat(Stream.of(Tables.PARTITION, Tables.SORT, "issuer", "tokenEndpoint", "resource",
          "serverUrl", "clientOwner", "clientOrigin", "clientId", "clientMethod", "scope", "expiresAtMillis", DIGEST,
          "status", "failures", "refusals", "notBeforeMillis", "lastUsedMillis", "dueMinute", "cause", "sinceMillis",
          "rejectedMillis", "warnings"), StatedItem.OF_AN_ISSUER.stream())
      .toList();

  private GrantSummaryItem() {}

  static GrantSummary summary(ItemReader row) {
    var key = GrantItem.key(row);
    return new GrantSummary(key, TargetItem.target(row), TargetItem.client(row), Scopes.parse(row.text("scope")),
        row.instantOrNull("expiresAtMillis"), !row.text(DIGEST).equals(GrantItem.NO_MAC), GrantStateItem.listed(row),
        row.words("warnings", Grant.Warning.class));
  }
}
