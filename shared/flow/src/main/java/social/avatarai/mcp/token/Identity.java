package social.avatarai.mcp.token;

import org.jspecify.annotations.Nullable;

/**
 * The account at the issuer that tokens belong to, as {@link AccountReader} has found it.
 *
 * @param issuer the claim {@code iss} of an ID token, which may be spelled otherwise than the issuer of the metadata; else
 *        the issuer
 * @param subject what tells the account from all others of the issuer: the claim {@code sub}, or what a profile names
 * @param label what a person knows the account by; null if the issuer does not say. It is foreign text: shown, never
 *        compared
 * @param source which members the subject was made of; empty for the claim {@code sub}, also where a profile names it.
 *        Subjects of different sources cannot be compared
 */
public record Identity(String issuer, String subject, @Nullable String label, String source) {
  /** The source of the claim {@code sub}, in an ID token or at the UserInfo endpoint (OpenID Connect Core §5.3.2). */
  static final String SUB = "";

  /** An account without a label, by the claim {@code sub}. */
  public Identity(String issuer, String subject) {
    this(issuer, subject, null, SUB);
  }

  /**
   * Whether both are known, and are not the same account. The issuers are not compared: the token endpoint is the same,
   * and Google has two spellings of its issuer.
   */
  static boolean differ(@Nullable Identity one, @Nullable Identity other) {
    return one != null && other != null && one.isNamedLike(other) && !one.subject.equals(other.subject);
  }

  /** Whether both are known, and are the same account. */
  static boolean areSame(@Nullable Identity one, @Nullable Identity other) {
    return one != null && other != null && one.isNamedLike(other) && one.subject.equals(other.subject);
  }

  /** Whether both are known, and name different issuers. */
  static boolean differInIssuer(@Nullable Identity one, @Nullable Identity other) {
    return one != null && other != null && one.isNamedLike(other) && !one.issuer.equals(other.issuer);
  }

  private boolean isNamedLike(Identity other) {
    return source.equals(other.source);
  }

  /** The same account with the newer label, if the newer response has one. */
  Identity relabelled(@Nullable Identity newer) {
    return newer == null || newer.label == null ? this : new Identity(issuer, subject, newer.label, source);
  }

  /** Without the account's identifier, which is personal data. */
  @Override
  public String toString() {
    return "Identity[…]";
  }
}
