package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.bytes;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.TokenCipher.Place;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Rows as an earlier release wrote them: with the query of the server's URL in the clear. */
final class EarlierRows {
  private static final List<String> DECIDING = List.of("issuer", "tokenEndpoint", "resource", "serverUrl",
      "clientOwner",
      "clientOrigin", "clientId", "clientMethod", "user", "connection", "redirectUri", "context", "issExpected",
      "browserHash", "returnTo", "replacesAny", "replacesGrant");
  private static final List<String> SAID = List.of("url", "enabled", "scope", "issuer", "clientId", "clientMethod",
      "hasSecret", "document");

  private EarlierRows() {}

  /** A grant or a replaced token. Its tokens were sealed without the query, so they are as they were. */
  static Map<String, AttributeValue> ofGrant(Map<String, AttributeValue> item, String query) {
    var earlier = new HashMap<>(item);
    earlier.keySet().removeAll(List.of(ServerQuery.SEALED, ServerQuery.DIGEST));
    earlier.computeIfPresent("serverUrl", (_, url) -> text(url.s() + query));
    return earlier;
  }

  /** A session. Its verifier was sealed with the whole URL. */
  static Map<String, AttributeValue> ofSession(Map<String, AttributeValue> item, TokenCipher cipher, String query,
      String verifier) {
    var earlier = ofGrant(item, query);
    var place = Place.of(SessionItem.TABLE, string(item, "user"), string(item, "connection"), string(item, "pk"),
        string(item, "issuer"), "verifier");
    earlier.put("verifier", bytes(cipher.seal(verifier, place, Destinations.of(only(earlier, DECIDING)))));
    return earlier;
  }

  /** A server. An empty text was sealed with the whole URL and the document as its user sent it. */
  static Map<String, AttributeValue> ofServer(Map<String, AttributeValue> item, TokenCipher cipher, ConnectionKey key,
      String query) {
    var earlier = new HashMap<>(item);
    earlier.remove(ServerQuery.DIGEST);
    earlier.remove(ServerItem.REVISION);
    String url = string(item, "url");
    earlier.put("url", text(url + query));
    earlier.put("document", text(string(item, "document").replace(url, url + query)));
    var place = Place.of(ServerItem.TABLE, key.user().value(), key.connection().value(), ServerItem.SEALED);
    earlier.put(ServerItem.SEALED, bytes(cipher.seal("", place, Destinations.of(only(earlier, SAID)))));
    return earlier;
  }

  private static Map<String, AttributeValue> only(Map<String, AttributeValue> item, List<String> attributes) {
    var some = new HashMap<String, AttributeValue>();
    Stream.of(item).flatMap(all -> all.entrySet().stream()).filter(entry -> attributes.contains(entry.getKey()))
        .forEach(entry -> some.put(entry.getKey(), entry.getValue()));
    return some;
  }

  private static String string(Map<String, AttributeValue> item, String attribute) {
    return Objects.requireNonNull(item.get(attribute), attribute).s();
  }
}
