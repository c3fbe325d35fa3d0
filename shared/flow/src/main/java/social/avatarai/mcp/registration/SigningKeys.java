package social.avatarai.mcp.registration;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.vault.CachedSecret;
import social.avatarai.mcp.vault.SecretVault;

/**
 * Our signing keys: a private JWK set (RFC 7517) of P-256 keys in the vault, made at the first request. Only the public
 * half of each key is published. A key is published before it signs, and as long as its signatures are valid.
 *
 * <p>Beside {@code keys} the set has two members for key rotation, which are not published: {@code current}, the
 * {@code kid} of the key that signs (if absent, the first key signs), and {@code dates}.
 */
public final class SigningKeys {
  private static final int COORDINATE_BYTES = 32;
  /** RFC 7517 §4. */
  private static final Set<String> COMMON_MEMBERS = Set.of("kty", "kid", "use", "alg");
  /**
   * What is published of a key, by its type (RFC 7518 §6, RFC 8037 §2). Everything else stays here: a member that we do
   * not know may be private. Of a symmetric key ({@code oct}) nothing is public but its name.
   */
  private static final Map<String, Set<String>> PUBLIC_MEMBERS = Map.of("EC", andCommon("crv", "x", "y"), "RSA",
      andCommon("n", "e"), "OKP", andCommon("crv", "x"));

  private final SecretVault vault;
  private final String name;
  private final CachedSecret<ObjectNode> published;

  public SigningKeys(SecretVault vault, String name, Clock clock, Journal journal) {
    this.vault = vault;
    this.name = name;
    this.published = new CachedSecret<>(name, () -> withoutPrivateParts(stored()), clock, journal);
  }

  /** The public keys as a JWK set, from the cache if they are there. */
  public ObjectNode publicKeys() {
    return published.current();
  }

  /** A new private key as it is stored, with its thumbprint as {@code kid}. */
  public static ObjectNode newPrivateKey() {
    return privateKey(generate());
  }

  private static ObjectNode withoutPrivateParts(ObjectNode stored) {
    var keys = Json.newObject();
    var list = keys.putArray("keys");
    for (JsonNode key : stored.path("keys")) {
      if (!(key instanceof ObjectNode own))
        throw new Failure.Misconfigured("The signing key cannot be read.", "no JWK set");
      list.add(publicHalf(own));
    }
    return keys;
  }

  private static ObjectNode publicHalf(ObjectNode key) {
    var half = key.deepCopy();
    half.retain(PUBLIC_MEMBERS.getOrDefault(key.path("kty").asText(), COMMON_MEMBERS));
    return half;
  }

  private static Set<String> andCommon(String... members) {
    return Stream.concat(Stream.of(members), COMMON_MEMBERS.stream()).collect(Collectors.toUnmodifiableSet());
  }

  private ObjectNode stored() {
    String text = vault.read(name).orElseGet(this::make);
    return Json.object(text.getBytes(UTF_8)).orElseThrow(
        () -> new Failure.Misconfigured("The signing key cannot be read.", name));
  }

  /** Makes the key set. If another process is first, its key set is used. */
  private String make() {
    var set = Json.newObject();
    set.putArray("keys").add(newPrivateKey());
    String text = JsonText.of(set);
    if (vault.create(name, text)) return text;
    return vault.read(name).orElseThrow(() -> new Failure.Misconfigured("The signing key is not there.", name));
  }

  private static KeyPair generate() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    }
  }

  private static ObjectNode privateKey(KeyPair pair) {
    var point = ((ECPublicKey) pair.getPublic()).getW();
    var key = Json.newObject().put("kty", "EC").put("crv", "P-256").put("x", coordinate(point.getAffineX()))
        .put("y", coordinate(point.getAffineY()));
    // RFC 7638 §3: the thumbprint, from the required members in this order.
    String kid = Digest.sha256Base64Url("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"" + key.path("x").textValue()
        + "\",\"y\":\"" + key.path("y").textValue() + "\"}");
    return key.put("kid", kid).put("use", "sig").put("alg", "ES256").put("d",
        coordinate(((ECPrivateKey) pair.getPrivate()).getS()));
  }

  /** RFC 7518 §6.2.1.2: the full size of a coordinate, leading zeros included. */
  private static String coordinate(BigInteger value) {
    byte[] bytes = value.toByteArray();
    byte[] sized = new byte[COORDINATE_BYTES];
    int from = Math.max(0, bytes.length - COORDINATE_BYTES);
    byte[] significant = Arrays.copyOfRange(bytes, from, bytes.length);
    System.arraycopy(significant, 0, sized, COORDINATE_BYTES - significant.length, significant.length);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(sized);
  }
}
