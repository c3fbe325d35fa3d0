package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.bytes;
import static social.avatarai.mcp.aws.dynamodb.Values.text;
import static social.avatarai.mcp.aws.dynamodb.Values.textOrNull;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.TokenCipher.Place;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The attributes that grants and servers share: the protocol that was negotiated with the MCP server, and its session.
 *
 * <p>A condition compares the digest of the session, because a sealed text differs each time. With it, a call
 * overwrites no session that another call has kept, and each session has one owner who ends it.
 *
 * @param cipher seals the session and makes its digest
 * @param places the place of an attribute in the row
 * @param destination the MCP server, to which the session may be sent
 */
record ProtocolItem(TokenCipher cipher, Function<String, Place> places, Destination destination) {
  private static final String VERSION = "wireVersion";
  /** The sealed session; absent if the server keeps none. */
  static final String SESSION = "wireSession";
  /** The digest; absent if there is no session, and in a row of an earlier release. */
  static final String DIGEST = "wireSessionMac";

  /** Updates the row with these attributes, under this condition and the other conditions of the row. */
  @FunctionalInterface
  interface Update {
    WriteResult apply(Condition session, Map<String, @Nullable AttributeValue> attributes);
  }

  /** The attributes of a protocol; null stands for an attribute that a protocol without a session does not have. */
  Map<String, @Nullable AttributeValue> of(NegotiatedProtocol protocol) {
    var session = protocol.session();
    var attributes = none();
    attributes.put(VERSION, text(protocol.wireName()));
    if (session != null) {
      attributes.put(SESSION, bytes(cipher.seal(session.reveal(), places.apply(SESSION), destination)));
    }
    attributes.put(DIGEST, textOrNull(digest(protocol)));
    return attributes;
  }

  /** The attributes of a row without a protocol: the row has none of them. */
  static Map<String, @Nullable AttributeValue> none() {
    var attributes = new LinkedHashMap<String, @Nullable AttributeValue>();
    attributes.put(VERSION, null);
    attributes.put(SESSION, null);
    attributes.put(DIGEST, null);
    return attributes;
  }

  /** The protocol in a row; null if there is none. */
  @Nullable
  NegotiatedProtocol read(ItemReader row) {
    if (!row.has(VERSION)) return null;
    byte[] sealed = row.bytesOrNull(SESSION);
    return NegotiatedProtocol.ofWire(row.text(VERSION), sealed == null ? null : new McpSessionId(open(sealed)));
  }

  /**
   * Keeps a protocol if the row has no session, or still the session from before the call. It is kept too if an earlier
   * try, whose response was lost, has stored it already.
   *
   * @return whether it is kept
   */
  boolean keep(NegotiatedProtocol next, @Nullable NegotiatedProtocol before, Update update) {
    String digest = digest(next);
    var free = isAsBefore(before);
    var room = digest == null
        ? free
        : free.or(Condition.of("#" + DIGEST + " = :nextMac").with("nextMac", text(digest)));
    return write(room, before, of(next), update);
  }

  /** Deletes the protocol from before the call, if the row still has it. */
  void forget(@Nullable NegotiatedProtocol before, Update update) {
    if (before == null) return;
    var still = isAsBefore(before)
        .and(Condition.of("#" + VERSION + " = :known").with("known", text(before.wireName())));
    write(still, before, none(), update);
  }

  /** A second try is needed only for a stale digest. */
  private boolean write(Condition session, @Nullable NegotiatedProtocol before,
      Map<String, @Nullable AttributeValue> attributes, Update update) {
    var written = update.apply(session, attributes);
    return written.applied() || isAsReadThoughStale(written.before(), before)
        .filter(asRead -> update.apply(asRead, attributes).applied()).isPresent();
  }

  /** The digest of a session; null if there is none. */
  private @Nullable String digest(@Nullable NegotiatedProtocol protocol) {
    return protocol == null || protocol.session() == null
        ? null
        : cipher.mac(protocol.session().reveal(), places.apply(DIGEST));
  }

  /**
   * Holds if the row has no session, or still the session from before the call. A digest under another key and a row of
   * an earlier release cannot be compared: then the session is taken to be the same.
   */
  private Condition isAsBefore(@Nullable NegotiatedProtocol before) {
    String digest = digest(before);
    if (digest == null) return Condition.of("attribute_not_exists(#" + SESSION + ")");
    return Condition.of("attribute_not_exists(#" + SESSION + ") OR attribute_not_exists(#" + DIGEST + ") OR #" + DIGEST
        + " = :beforeMac OR NOT begins_with(#" + DIGEST + ", :macKey)").with("beforeMac", text(digest))
        .with("macKey", text(digest.substring(0, digest.indexOf(':') + 1)));
  }

  /**
   * The condition that a row has still the session that it was read with. A release that knows no digests replaces a
   * session and leaves the digest of the one before. While an update is under way, such rows come about, and no
   * condition on their digest would ever hold.
   *
   * @param row the row, as it was when another condition did not hold
   * @return empty if the digest is that of the session, or if the session is not the one from before the call
   */
  private Optional<Condition> isAsReadThoughStale(Map<String, AttributeValue> row,
      @Nullable NegotiatedProtocol before) {
    var sealed = row.get(SESSION);
    var digest = row.get(DIGEST);
    if (before == null || before.session() == null || sealed == null || digest == null) return Optional.empty();
    boolean isStale = !digest.s().equals(digest(before)) && opens(sealed, before.session().reveal());
    return isStale
        ? Optional.of(Condition.of("#" + SESSION + " = :sealedAsRead").with("sealedAsRead", sealed))
        : Optional.empty();
  }

  /** Whether a sealed session is this one. The row of another grant cannot be opened. */
  private boolean opens(AttributeValue sealed, String session) {
    try {
      return open(sealed.b().asByteArray()).equals(session);
    } catch (Failure.Misconfigured e) {
      return false;
    }
  }

  private String open(byte[] sealed) {
    return cipher.open(sealed, places.apply(SESSION), destination);
  }
}
