package social.avatarai.mcp.authorization;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AuthorizationCode;
import social.avatarai.mcp.IssuerContext;

/**
 * The response of an authorization server through the browser (RFC 6749 §4.1.2, RFC 9207 §2).
 *
 * @param code the code; null for an error
 * @param error the error word, attacker-controlled; null for a code
 * @param iss the issuer identifier in the response; null if absent
 * @param context the issuer's own part of the redirect URI at which the response arrived; null for the plain callback
 */
public record AuthorizationResponse(@Nullable AuthorizationCode code, @Nullable String error, @Nullable String iss,
    @Nullable IssuerContext context) {

  public AuthorizationResponse {
    if ((code == null) == (error == null)) throw new IllegalArgumentException("has either a code or an error");
  }
}
