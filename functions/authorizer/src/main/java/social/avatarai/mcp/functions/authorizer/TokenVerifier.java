package social.avatarai.mcp.functions.authorizer;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import java.text.ParseException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.AccessTokenRule;

/**
 * Verifies a signed JWT: first the algorithm, then the signature by one of the issuer's keys, then the claims. Keys
 * come from the configured place only, whatever the header says about keys.
 */
final class TokenVerifier {
  /**
   * Only signatures with public keys. {@code none} is not accepted, and neither is HMAC, which would use a public key
   * as a secret (RFC 8725 §2.1).
   */
  private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.RS384,
      JWSAlgorithm.RS512, JWSAlgorithm.PS256, JWSAlgorithm.ES256, JWSAlgorithm.ES256K);

  private final IssuerKeys keys;
  private final ClaimRules rules;

  TokenVerifier(IssuerKeys keys, ClaimRules rules) {
    this.keys = keys;
    this.rules = rules;
  }

  /** Judges a token. It fails only when the keys are unavailable. */
  Verdict verify(BearerToken token, Deadline deadline) {
    var jws = parse(token.reveal());
    if (jws.isEmpty()) return new Verdict.Denied("not a signed JWT");
    JWSHeader header = jws.get().getHeader();
    if (!ALGORITHMS.contains(header.getAlgorithm())) return new Verdict.Denied("algorithm");
    if (!isType(header.getType())) return new Verdict.Denied("type");
    // RFC 7515 §4.1.11: we understand no extension, so a token with {@code crit} is denied.
    if (header.getCriticalParams() != null) return new Verdict.Denied("critical header");
    var matching = keys.matching(header, deadline);
    if (matching.isEmpty()) return new Verdict.Denied("no such key");
    if (matching.stream().noneMatch(key -> isSignedWith(key, jws.get()))) return new Verdict.Denied("signature");
    return Json.object(jws.get().getPayload().toBytes()).map(rules::judge)
        .orElseGet(() -> new Verdict.Denied("claims are no JSON object"));
  }

  private static Optional<JWSObject> parse(String token) {
    try {
      return Optional.of(JWSObject.parse(token));
    } catch (ParseException | RuntimeException e) {
      // The library documents ParseException only, but throws another exception for a header that is JSON null.
      return Optional.empty();
    }
  }

  private static boolean isType(@Nullable JOSEObjectType type) {
    return type == null || AccessTokenRule.isType(type.getType());
  }

  private static boolean isSignedWith(JWK key, JWSObject jws) {
    try {
      return switch (key) {
        case RSAKey rsa -> jws.verify(new RSASSAVerifier(rsa));
        case ECKey ec when ec.getCurve().equals(Curve.SECP256K1) -> Es256k.verify(ec, jws);
        case ECKey ec -> jws.verify(new ECDSAVerifier(ec));
        default -> false;
      };
    } catch (JOSEException e) {
      return false; // This key does not fit the algorithm.
    }
  }
}
