package social.avatarai.mcp.token;

/**
 * What the grant of a consent may take the place of, decided when its flow begins. The write of the grant keeps to it,
 * because another consent may have ended in between.
 *
 * <p>A grant of the same issuer may always be replaced: the user consents again.
 */
public sealed interface Replaceable {

  /** Only a grant of the same issuer. */
  record SameIssuer() implements Replaceable {}

  /** Also this one grant of another issuer: its server has refused its token and has left its issuer. */
  record MigratedGrant(GrantId grant) implements Replaceable {}

  /** A grant of any issuer: the caller has said {@code replace}. */
  record AnyIssuer() implements Replaceable {}

  /** What the caller has said, or what a server's response has shown, whichever allows more. */
  default Replaceable or(Replaceable shown) {
    return this instanceof AnyIssuer ? this : shown;
  }

  /** Whether this grant, of another issuer than the consent's, may be replaced. */
  default boolean covers(GrantOrigin held) {
    return switch (this) {
      case SameIssuer _ -> false;
      case MigratedGrant(var grant) -> grant.equals(held.grant());
      case AnyIssuer _ -> true;
    };
  }
}
