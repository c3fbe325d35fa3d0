package social.avatarai.mcp.functions.authorizer;

import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.jwk.ECKey;
import java.math.BigInteger;
import java.util.Arrays;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;

/**
 * ES256K (RFC 8812 §3.2), the signature of AT Protocol identities. It uses Bouncy Castle's arithmetic without its
 * security provider, because starting the provider would lengthen every cold start.
 */
final class Es256k {
  private static final int HALF = 32;
  private static final ECDomainParameters CURVE = new ECDomainParameters(CustomNamedCurves.getByName("secp256k1"));

  private Es256k() {}

  static boolean verify(ECKey key, JWSObject jws) {
    byte[] signature = jws.getSignature().decode();
    if (signature.length != 2 * HALF) return false;
    var point = CURVE.getCurve().createPoint(key.getX().decodeToBigInteger(), key.getY().decodeToBigInteger());
    var verifier = new ECDSASigner();
    verifier.init(false, new ECPublicKeyParameters(point, CURVE));
    return verifier.verifySignature(sha256(jws.getSigningInput()), number(signature, 0), number(signature, HALF));
  }

  private static BigInteger number(byte[] bytes, int from) {
    return new BigInteger(1, Arrays.copyOfRange(bytes, from, from + HALF));
  }

  private static byte[] sha256(byte[] bytes) {
    var digest = new SHA256Digest();
    digest.update(bytes, 0, bytes.length);
    byte[] hash = new byte[digest.getDigestSize()];
    digest.doFinal(hash, 0);
    return hash;
  }
}
