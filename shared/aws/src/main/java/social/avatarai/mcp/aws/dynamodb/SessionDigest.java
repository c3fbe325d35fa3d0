package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.TokenCipher.Place;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The digest of the MCP session in a row. A condition compares it, because a sealed text differs each time. With it, a
 * call overwrites no session that another call has kept, and each session has one owner who ends it.
 *
 * @param cipher makes the digests
 * @param places the place of an attribute in the row
 */
record SessionDigest(TokenCipher cipher, Function<String, Place> places) {
  /** The sealed session; absent if the server keeps none. */
  static final String SEALED = "wireSession";
  /** The digest; absent if there is no session, and in a row of an earlier release. */
  static final String DIGEST = "wireSessionMac";

  /** The digest of a session; null if there is none. */
  @Nullable
  String of(@Nullable NegotiatedProtocol protocol) {
    return protocol == null || protocol.session() == null
        ? null
        : cipher.mac(protocol.session().reveal(), places.apply(DIGEST));
  }

  /**
   * Holds if the row has no session, or still the session from before the call. A digest under another key and a row of
   * an earlier release cannot be compared: then the session is taken to be the same.
   */
  Condition isAsBefore(@Nullable NegotiatedProtocol before) {
    String digest = of(before);
    if (digest == null) return Condition.of("attribute_not_exists(#" + SEALED + ")");
    return Condition.of("attribute_not_exists(#" + SEALED + ") OR attribute_not_exists(#" + DIGEST + ") OR #" + DIGEST
        + " = :beforeMac OR NOT begins_with(#" + DIGEST + ", :macKey)").with("beforeMac", text(digest))
        .with("macKey", text(digest.substring(0, digest.indexOf(':') + 1)));
  }

  /** Holds if the row has still what was agreed on. */
  Condition isStill(NegotiatedProtocol known) {
    return isAsBefore(known).and(Condition.of("#wireVersion = :known").with("known", text(known.protocolVersion())));
  }

  /**
   * The condition that a row has still the session that it was read with. A release that knows no digests replaces a
   * session and leaves the digest of the one before. While an update is under way, such rows come about, and no
   * condition on their digest would ever hold.
   *
   * @param row the row, as it was when another condition did not hold
   * @return empty if the digest is that of the session, or if the session is not the one from before the call
   */
  Optional<Condition> isAsReadThoughStale(Map<String, AttributeValue> row, @Nullable NegotiatedProtocol before,
      Destination destination) {
    var sealed = row.get(SEALED);
    var digest = row.get(DIGEST);
    if (before == null || before.session() == null || sealed == null || digest == null) return Optional.empty();
    boolean isStale = !digest.s().equals(of(before)) && opens(sealed, before.session().reveal(), destination);
    return isStale
        ? Optional.of(Condition.of("#" + SEALED + " = :sealedAsRead").with("sealedAsRead", sealed))
        : Optional.empty();
  }

  /** Whether a sealed session is this one. The row of another grant cannot be opened. */
  private boolean opens(AttributeValue sealed, String session, Destination destination) {
    try {
      return cipher.open(sealed.b().asByteArray(), places.apply(SEALED), destination).equals(session);
    } catch (Failure.Misconfigured e) {
      return false;
    }
  }

  /** The same as {@link #isAsBefore}, and also holds if an earlier try, whose response was lost, has stored this session already. */
  Condition isFreeFor(NegotiatedProtocol next, @Nullable NegotiatedProtocol before) {
    String digest = of(next);
    var free = isAsBefore(before);
    return digest == null
        ? free
        : free.or(Condition.of("#" + DIGEST + " = :nextMac").with("nextMac", text(digest)));
  }
}
