package social.avatarai.mcp.token;

import org.jspecify.annotations.Nullable;

/**
 * The account at the issuer, as its user sees it. Both texts are foreign: the issuer, and often the owner of the account,
 * choose them freely.
 *
 * @param id what tells the account from all others of its issuer, at most {@value AccountReader#MAX_ID_LENGTH} characters
 * @param label what a person knows the account by, at most {@value AccountReader#MAX_LABEL_LENGTH} characters; null if the
 *        issuer does not say
 */
public record Account(String id, @Nullable String label) {

  /** The account of an identity; null if it is not known. */
  public static @Nullable Account of(@Nullable Identity identity) {
    return identity == null ? null : new Account(identity.subject(), identity.label());
  }

  /** Without the texts, which are personal data. */
  @Override
  public String toString() {
    return "Account[…]";
  }
}
