package social.avatarai.mcp.aws.dynamodb;

import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ResourceUri;

/**
 * The key of a grant in the index {@link Tables#BY_RESOURCE}: origin and path of its resource, without the query.
 *
 * <p>DynamoDB takes 1,024 bytes in a sort key, and emulators do not check this, so the key is cut here. A key that was
 * cut finds more grants than it should. The full resource of each grant then decides.
 */
final class ResourceKey {
  /** In bytes of UTF-8. Here a byte is a character: a URL contains ASCII only ({@link EndpointUrl}). */
  static final int MAX_BYTES = 900;

  private ResourceKey() {}

  static String of(ResourceUri resource) {
    return cut(full(resource.url()));
  }

  /** The common start of the keys of all resources at the origin of a URL. */
  static String originPrefix(EndpointUrl url) {
    return cut(url.origin() + "/");
  }

  /** Whether a resource under this key may cover the URL. A key that was cut covers everything that begins with it. */
  static boolean mayCover(String key, EndpointUrl url) {
    String parent = key.endsWith("/") ? key.substring(0, key.length() - 1) : key;
    String full = full(url);
    return full.startsWith(parent)
        && (key.length() == MAX_BYTES || full.length() == parent.length() || full.charAt(parent.length()) == '/');
  }

  private static String full(EndpointUrl url) {
    return url.origin() + (url.path().isEmpty() ? "/" : url.path());
  }

  private static String cut(String key) {
    return key.length() <= MAX_BYTES ? key : key.substring(0, MAX_BYTES);
  }
}
