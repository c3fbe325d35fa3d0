package social.avatarai.mcp.aws.dynamodb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static social.avatarai.mcp.aws.dynamodb.Values.bytes;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.EnteredCredentials;
import social.avatarai.mcp.EnteredHeader;
import social.avatarai.mcp.EnteredSecret;
import social.avatarai.mcp.HeaderName;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.TokenCipher.Place;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The credentials that a user has entered for a server, in the row of the server. A server without them has none of
 * these attributes, as in rows of an earlier release.
 *
 * @param cipher seals the credentials and makes their digest
 * @param places the place of an attribute in the row
 */
record EnteredItem(TokenCipher cipher, Function<String, Place> places) {
  /** The sealed JSON of all headers, names and prefixes too: they decide how the server gets the secret. */
  static final String SEALED = "entered";
  /**
   * The digest of that JSON. A condition compares it, because a sealed text differs each time: what was agreed on with
   * one credential is not kept for another one.
   */
  static final String DIGEST = "enteredMac";
  /** Whether there are credentials. It is one of the values that the user decides, so they cannot be taken away. */
  static final String FLAG = "hasEntered";

  /** The credentials go to the origin of the server. Its path and query may change. */
  static Destination destination(EndpointUrl server) {
    return Destination.none().with("serverOrigin", server.origin());
  }

  /** The attribute that says that there are credentials; null if there are none. */
  static @Nullable AttributeValue flag(boolean hasEntered) {
    return hasEntered ? Values.flag(true) : null;
  }

  /** The attributes; empty for no credentials. */
  Map<String, AttributeValue> of(EnteredCredentials entered, EndpointUrl server) {
    var attributes = new LinkedHashMap<String, AttributeValue>();
    if (entered.isEmpty()) return attributes;
    attributes.put(SEALED, bytes(cipher.seal(JsonText.of(json(entered)), places.apply(SEALED), destination(server))));
    attributes.put(DIGEST, text(mac(entered)));
    return attributes;
  }

  /** The digest of the credentials, under the current key; null if there are none. */
  @Nullable
  String digest(EnteredCredentials entered) {
    return entered.isEmpty() ? null : mac(entered);
  }

  private String mac(EnteredCredentials entered) {
    return cipher.mac(JsonText.of(json(entered)), places.apply(DIGEST));
  }

  /** Whether this digest, under any key, is that of these credentials; null is the digest of none. */
  boolean isDigest(@Nullable String digest, EnteredCredentials entered) {
    if (digest == null || entered.isEmpty()) return digest == null && entered.isEmpty();
    return cipher.matches(digest, JsonText.of(json(entered)), places.apply(DIGEST));
  }

  /** Whether two digests can be of the same credentials. Digests under two keys cannot be compared. */
  static boolean canBeSame(@Nullable String one, @Nullable String other) {
    if (one == null || other == null) return Objects.equals(one, other);
    return one.equals(other) || !other.startsWith(keyOf(one));
  }

  private static String keyOf(String digest) {
    return digest.substring(0, digest.indexOf(':') + 1);
  }

  /** The credentials of a row whose values of its user were not edited. */
  EnteredCredentials read(ItemReader row, EndpointUrl server) {
    if (!row.has(FLAG)) return EnteredCredentials.none();
    String json = cipher.open(row.bytes(SEALED), places.apply(SEALED), destination(server));
    var stored = Json.object(json.getBytes(UTF_8))
        .orElseThrow(() -> new IllegalArgumentException("attribute " + SEALED + " is no JSON object"));
    return new EnteredCredentials(server.origin(), stored.has("key") ? header(stored.path("key")) : null,
        stored.path("headers").valueStream().map(EnteredItem::header).toList());
  }

  /**
   * Holds if the row has these credentials. A digest under another key cannot be compared: then the credentials are
   * taken to be the same.
   */
  Condition same(EnteredCredentials entered) {
    if (entered.isEmpty()) return Condition.of("attribute_not_exists(#" + DIGEST + ")");
    String digest = mac(entered);
    return Condition
        .of("#" + DIGEST + " = :enteredMac OR (attribute_exists(#" + DIGEST + ") AND NOT begins_with(#" + DIGEST
            + ", :enteredKey))")
        .with("enteredMac", text(digest))
        .with("enteredKey", text(keyOf(digest)));
  }

  private static ObjectNode json(EnteredCredentials entered) {
    var json = Json.newObject();
    if (entered.key() != null) json.set("key", json(entered.key()));
    var headers = json.putArray("headers");
    entered.headers().forEach(header -> headers.add(json(header)));
    return json;
  }

  private static ObjectNode json(EnteredHeader header) {
    return Json.newObject().put("name", header.name().value()).put("prefix", header.prefix())
        .put("value", header.secret().reveal());
  }

  private static EnteredHeader header(JsonNode json) {
    return new EnteredHeader(new HeaderName(json.path("name").asText()), json.path("prefix").asText(),
        new EnteredSecret(json.path("value").asText()));
  }
}
