package social.avatarai.mcp.benchmarks;

import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import social.avatarai.mcp.vault.AeadTokenCipher;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.KeyRing;
import social.avatarai.mcp.vault.KeyRingSource;
import social.avatarai.mcp.vault.TokenCipher.Place;

/** What sealing and opening a token costs, and how much of that is AES-GCM itself: the rest is the key of its own. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class CipherBenchmark {
  private static final Place PLACE = Place.of("tokens", "did:plc:inventeduser00000000000000", "invented-mcp",
      "invented-grant", "https://auth.example.com", "accessToken");

  private static final Destination DESTINATION = Destination.of(Map.of("tokenEndpoint",
      "https://auth.example.com/oauth/token", "clientId", "invented-client", "clientMethod", "client_secret_post",
      "clientOwner", "d#", "clientOrigin", "DYNAMIC", "issuer", "https://auth.example.com", "resource",
      "https://mcp.example.com/mcp", "serverUrl", "https://mcp.example.com/mcp"));

  /** Opaque tokens are short, JWTs long. */
  @Param({"64", "1500"})
  int characters;

  private String token = "";
  private AeadTokenCipher cipher = new AeadTokenCipher(new KeyRingSource.Fixed(KeyRing.parse(KeyRing.fresh())));
  private byte[] sealed = new byte[0];
  private SecretKey plainKey = new SecretKeySpec(new byte[32], "AES");

  @Setup
  public void prepare() {
    token = "x".repeat(characters);
    sealed = cipher.seal(token, PLACE, DESTINATION);
  }

  @Benchmark
  public byte[] seal() {
    return cipher.seal(token, PLACE, DESTINATION);
  }

  @Benchmark
  public String open() {
    return cipher.open(sealed, PLACE, DESTINATION);
  }

  @Benchmark
  public String mac() {
    return cipher.mac(token, PLACE);
  }

  /** The bare algorithm. One key must not encrypt more than 2^32 texts in this way (NIST SP 800-38D §8.3). */
  @Benchmark
  public byte[] bareAesGcm() throws GeneralSecurityException {
    var bare = Cipher.getInstance("AES/GCM/NoPadding");
    bare.init(Cipher.ENCRYPT_MODE, plainKey, new GCMParameterSpec(128, nonce()));
    return bare.doFinal(sealed, 0, characters);
  }

  private long count;

  private byte[] nonce() {
    byte[] nonce = new byte[12];
    for (long left = ++count, i = 0; left > 0; left >>= 8, i++)
      nonce[(int) i] = (byte) left;
    return nonce;
  }
}
