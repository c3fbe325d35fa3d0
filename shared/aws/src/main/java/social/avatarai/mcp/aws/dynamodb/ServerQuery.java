package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.TokenCipher.Place;

/**
 * The query of an MCP server's URL. It may hold a key, such as {@code ?api_key=…}, so it is sealed: its question mark
 * and what follows. The URL without the query is in the clear, because it is a destination.
 *
 * <p>A row of an earlier release has the query in the clear, in the attribute of the URL. A question mark there is the
 * mark of that release. Such a row is readable, and its query is sealed when the URL is written next, or by
 * re-encryption.
 */
final class ServerQuery {
  /** The sealed query; absent if the URL has none. */
  static final String SEALED = "serverQuery";
  /**
   * The digest of the query; absent if the URL has none. A condition compares it, because a sealed text differs each
   * time.
   */
  static final String DIGEST = "serverQueryMac";

  private ServerQuery() {}

  /**
   * The digest of a URL's query, for a condition; null if the URL has none.
   *
   * @param places the place of an attribute in the row
   */
  static @Nullable String digest(TokenCipher cipher, EndpointUrl url, Function<String, Place> places) {
    return url.queryPart().isEmpty() ? null : cipher.mac(url.queryPart(), places.apply(DIGEST));
  }

  /** Whether a URL as stored is one of an earlier release, with its query in the clear. */
  static boolean isInTheClear(EndpointUrl stored) {
    return !stored.queryPart().isEmpty();
  }

  /** The URL as stored with its opened query, which is "" if there is none. */
  static EndpointUrl url(EndpointUrl stored, String opened) {
    if (opened.isEmpty()) return stored;
    if (isInTheClear(stored)) throw new IllegalArgumentException("the URL of the server has two queries");
    return stored.withQueryPart(opened);
  }

  /**
   * Holds if the row's server is at this URL, whatever its query.
   *
   * @param attribute the attribute of the URL
   */
  static Condition anyQuery(String attribute, EndpointUrl url) {
    return Condition.of("#" + attribute + " = :plain OR begins_with(#" + attribute + ", :earlier)")
        .with("plain", text(url.withoutQuery().value())).with("earlier", text(url.withoutQuery().value() + "?"));
  }

  /**
   * Holds if the row's server is at this URL with this query. A digest under another key and a row of an earlier
   * release cannot be compared: then the query is taken to be the same.
   *
   * @param digest the digest of the query; null if the URL has none
   */
  static Condition sameQuery(String attribute, EndpointUrl url, @Nullable String digest) {
    if (digest == null) {
      return Condition.of("#" + attribute + " = :plain AND attribute_not_exists(#" + DIGEST + ")").with("plain",
          text(url.value()));
    }
    var same = Condition
        .of("begins_with(#" + attribute + ", :earlier) OR #" + DIGEST + " = :digest OR (attribute_exists(#"
            + DIGEST + ") AND NOT begins_with(#" + DIGEST + ", :key))");
    same.with("digest", text(digest)).with("key", text(digest.substring(0, digest.indexOf(':') + 1)))
        .with("earlier", text(url.withoutQuery().value() + "?"));
    return anyQuery(attribute, url).and(same);
  }
}
