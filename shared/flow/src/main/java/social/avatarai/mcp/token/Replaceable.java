package social.avatarai.mcp.token;

/**
 * What the grant of a consent may replace. This is decided when the flow begins. The write of the grant checks it,
 * because another consent may have ended in between.
 *
 * <p>A grant of the same issuer may always be replaced, because the user consents again.
 */
public sealed interface Replaceable {

  /** Only a grant of the same issuer. */
  record SameIssuer() implements Replaceable {}

  /**
   * Also this one grant of another issuer: its server has refused its token and has left its issuer, or its issuer may
   * have come to spell itself otherwise.
   */
  record MigratedGrant(GrantId grant) implements Replaceable {}

  /** A grant of any issuer: the caller has said {@code replace}. */
  record AnyIssuer() implements Replaceable {}

  /**
   * Only the grant that names the grant of the consent as its {@link AccountChange}: the user has decided for the other
   * account. It is said when the user decides, never by the session of a flow.
   */
  record DecidedAccount() implements Replaceable {}

  /** The more permissive of the caller's wish and of what a server's response has shown. */
  default Replaceable or(Replaceable shown) {
    return this instanceof AnyIssuer ? this : shown;
  }

  /** Whether this grant, whose issuer is not the issuer of the consent, may be replaced. */
  default boolean covers(GrantOrigin held) {
    return switch (this) {
      case SameIssuer _,DecidedAccount _ -> false;
      case MigratedGrant(var grant) -> grant.equals(held.grant());
      case AnyIssuer _ -> true;
    };
  }
}
