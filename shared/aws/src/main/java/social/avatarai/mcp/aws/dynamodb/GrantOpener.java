package social.avatarai.mcp.aws.dynamodb;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.TokenCipher.Place;

/**
 * Opens the sealed values of one row of a grant. Each call opens several of them, so what they are sealed for is read
 * from the row once. It is read only if there is something to open: lists read a part of the row.
 */
final class GrantOpener {
  /** What goes to the MCP server only. Everything else goes where the tokens go. */
  private static final Set<String> FOR_THE_SERVER = Set.of(ProtocolItem.SESSION, ServerQuery.SEALED,
      GrantItem.CHANGED_TO);

  private final TokenCipher cipher;
  private final ItemReader row;
  private @Nullable ConnectionKey key;
  private @Nullable GrantTarget target;
  private @Nullable ClientIdentity client;
  private @Nullable Destination forTheServer;
  private @Nullable Destination forTokens;

  GrantOpener(TokenCipher cipher, ItemReader row) {
    this.cipher = cipher;
    this.row = row;
  }

  /** The value of an attribute; null if the row does not have the attribute. */
  @Nullable
  String open(String field) {
    byte[] sealed = row.bytesOrNull(field);
    return sealed == null ? null : open(field, sealed);
  }

  /** The value of an attribute that every such row has. */
  String require(String field) {
    return open(field, row.bytes(field));
  }

  private String open(String field, byte[] sealed) {
    return cipher.open(sealed, place(field), destination(field));
  }

  Place place(String field) {
    return GrantItem.place(key(), row.text(GrantItem.GRANT), row.text(TargetItem.ISSUER), field);
  }

  Destination destination(String field) {
    return FOR_THE_SERVER.contains(field) ? forTheServer() : forTokens();
  }

  ConnectionKey key() {
    if (key == null) key = GrantItem.key(row);
    return key;
  }

  /** The target, with the server's URL as the row has it: without a query. */
  GrantTarget target() {
    if (target == null) target = TargetItem.target(row);
    return target;
  }

  ClientIdentity client() {
    if (client == null) client = TargetItem.client(row);
    return client;
  }

  Destination forTheServer() {
    if (forTheServer == null) forTheServer = Destinations.mcpServer(target());
    return forTheServer;
  }

  private Destination forTokens() {
    if (forTokens == null) forTokens = Destinations.tokens(target(), client());
    return forTokens;
  }
}
