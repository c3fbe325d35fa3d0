package social.avatarai.mcp;

/**
 * The part of a redirect URI that is unique to an issuer. A response from another issuer then arrives at the wrong
 * redirect URI, which we detect even if the response has no {@code iss} (the per-context redirect URI of the OAuth
 * security BCP update).
 *
 * @param value 128 bits of SHA-256 of the issuer, 32 lower-case hex digits; with fewer bits an attacker could find a
 *         collision
 */
public record IssuerContext(String value) {

  public IssuerContext {
    if (!isValid(value)) throw new IllegalArgumentException("is not a context");
  }

  public static IssuerContext of(Issuer issuer) {
    return new IssuerContext(Digest.sha256Hex(issuer.value()).substring(0, 32));
  }

  public static boolean isValid(String value) {
    return value.matches("[0-9a-f]{32}");
  }

  @Override
  public String toString() {
    return value;
  }
}
