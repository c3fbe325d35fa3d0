package social.avatarai.mcp.token;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.http.Json;

/**
 * The account that tokens belong to, as the ID token of a token response says (OpenID Connect Core §2). The signature is
 * not checked: the token endpoint itself has sent the ID token (§3.1.3.7, point 6), and it is only compared with an
 * earlier one.
 *
 * @param issuer the claim {@code iss}; it may be spelled otherwise than the issuer of the metadata
 * @param subject the claim {@code sub}
 */
public record Identity(String issuer, String subject) {
  private static final int MAX_LENGTH = 2048;

  /** The identity in a token response; empty if the response has no ID token that can be read. */
  static Optional<Identity> in(ObjectNode response) {
    return Json.text(response, "id_token").flatMap(Identity::claims).flatMap(claims -> Json.text(claims, "sub")
        .flatMap(subject -> Json.text(claims, "iss").map(issuer -> new Identity(issuer, subject))))
        .filter(found -> found.issuer.length() + found.subject.length() <= MAX_LENGTH);
  }

  private static Optional<ObjectNode> claims(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) return Optional.empty();
    try {
      return Json.object(Base64.getUrlDecoder().decode(parts[1]));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Whether both are known, and are not the same account. The issuers are not compared: the token endpoint is the same,
   * and Google has two spellings of its issuer.
   */
  static boolean differ(@Nullable Identity one, @Nullable Identity other) {
    return one != null && other != null && !one.subject.equals(other.subject);
  }

  /** Whether both are known, and name different issuers. */
  static boolean differInIssuer(@Nullable Identity one, @Nullable Identity other) {
    return one != null && other != null && !one.issuer.equals(other.issuer);
  }

  /** Without the account's identifier, which is personal data. */
  @Override
  public String toString() {
    return "Identity[…]";
  }
}
