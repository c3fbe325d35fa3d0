package social.avatarai.mcp.functions.authorizer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Clock;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;

/** An issuer of JWTs that publishes real keys over loopback HTTP. */
final class TestIssuer implements AutoCloseable {
  static final String ISSUER = "https://issuer.example.com";
  static final String AUDIENCE = "https://api.example.com";
  private static final BouncyCastleProvider BOUNCY_CASTLE = new BouncyCastleProvider();
  static final RSAKey RSA = rsa("rsa", IssuerKeys.MIN_RSA_BITS);
  static final ECKey P_256 = ec(Curve.P_256, "p-256");
  static final ECKey SECP256K1 = ec(Curve.SECP256K1, "secp256k1");

  private final AtomicReference<List<String>> published = new AtomicReference<>(List.of());
  private final LoopbackHttp http = LoopbackHttp.start(this::keys);
  private final Clock clock;

  TestIssuer(Clock clock) {
    this.clock = clock;
    publish(RSA, P_256, SECP256K1);
  }

  static RSAKey rsa(String id, int bits) {
    try {
      return new RSAKeyGenerator(bits, true).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  static ECKey ec(Curve curve, String id) {
    try {
      var generator = new ECKeyGenerator(curve).keyID(id);
      return (curve.equals(Curve.SECP256K1) ? generator.provider(BOUNCY_CASTLE) : generator).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  void publish(JWK... keys) {
    publish(Arrays.stream(keys).map(key -> key.toPublicJWK().toJSONString()).toArray(String[]::new));
  }

  void publish(String... keys) {
    published.set(List.of(keys));
  }

  String url() {
    return http.url() + "/jwks.json";
  }

  LoopbackHttp http() {
    return http;
  }

  int fetches() {
    return http.requests().size();
  }

  /** The claims of a valid token that lives for five minutes. */
  JWTClaimsSet.Builder claims() {
    var now = clock.instant();
    return new JWTClaimsSet.Builder().issuer(ISSUER).audience(AUDIENCE).subject("did:plc:exampleuser000000000000")
        .claim("scope", "mcp:use").issueTime(Date.from(now)).expirationTime(Date.from(now.plusSeconds(300)));
  }

  String token(JWSAlgorithm algorithm, JWK key) {
    return token(algorithm, key, UnaryOperator.identity());
  }

  String token(JWSAlgorithm algorithm, JWK key, UnaryOperator<JWTClaimsSet.Builder> change) {
    var header = new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).type(JOSEObjectType.JWT).build();
    return token(header, key, change.apply(claims()).build());
  }

  static String token(JWSHeader header, JWK key, JWTClaimsSet claims) {
    try {
      var jwt = new SignedJWT(header, claims);
      jwt.sign(signer(key));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JWSSigner signer(JWK key) throws JOSEException {
    if (key instanceof RSAKey rsa) return new RSASSASigner(rsa.toPrivateKey(), Set.of(AllowWeakRSAKey.getInstance()));
    var ec = (ECKey) key;
    if (!ec.getCurve().equals(Curve.SECP256K1)) return new ECDSASigner(ec);
    var signer = new ECDSASigner(ec.toECPrivateKey(BOUNCY_CASTLE), Curve.SECP256K1);
    signer.getJCAContext().setProvider(BOUNCY_CASTLE);
    return signer;
  }

  private Response keys(Received request) {
    var set = "{\"keys\":[" + String.join(",", published.get()) + "]}";
    return Response.json(200, Json.object(set.getBytes(UTF_8)).orElseThrow());
  }

  @Override
  public void close() {
    http.close();
  }
}
