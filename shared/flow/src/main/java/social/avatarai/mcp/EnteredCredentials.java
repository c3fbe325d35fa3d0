package social.avatarai.mcp;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a user has entered for an MCP server in place of a consent: a token or a key, and other headers. They are sent
 * with every MCP request to the origin of that server, and nowhere else.
 *
 * @param origin the origin of the server; "" for no credentials
 * @param key the header with the token or the key; null if there is none
 * @param headers the other headers
 */
public record EnteredCredentials(String origin, @Nullable EnteredHeader key, List<EnteredHeader> headers) {
  private static final int MAX_HEADERS = 20;
  /** In bytes: names and values of all headers together. Many servers take no more. */
  private static final int MAX_BYTES = 8 * 1024;
  private static final EnteredCredentials NONE = new EnteredCredentials("", null, List.of());

  public EnteredCredentials {
    headers = List.copyOf(headers);
    var all = new ArrayList<>(headers);
    if (key != null) all.add(key);
    requireFewAndShort(all);
    for (int i = 1; i < all.size(); i++)
      requireOther(all.get(i).name(), all.subList(0, i));
  }

  private static void requireFewAndShort(List<EnteredHeader> all) {
    if (all.size() > MAX_HEADERS) throw new IllegalArgumentException("names more than " + MAX_HEADERS + " headers");
    if (all.stream().mapToInt(EnteredHeader::length).sum() > MAX_BYTES) {
      throw new IllegalArgumentException("holds names and values of more than " + MAX_BYTES + " bytes");
    }
  }

  private static void requireOther(HeaderName name, List<EnteredHeader> before) {
    if (before.stream().noneMatch(header -> header.name().isSame(name))) return;
    throw new IllegalArgumentException(
        "names " + name + " twice (upper and lower case do not differ), or authorization.config names it too");
  }

  public static EnteredCredentials none() {
    return NONE;
  }

  public boolean isEmpty() { return key == null && headers.isEmpty(); }

  /** All headers. */
  public Stream<EnteredHeader> all() {
    return Stream.concat(Stream.ofNullable(key), headers.stream());
  }

  /** These credentials for a request to a URL. They are sent to their own origin only, whichever code asks. */
  public EnteredCredentials requireFor(EndpointUrl url) {
    if (isEmpty() || origin.equals(url.origin())) return this;
    throw new Failure.NotPermitted(ErrorCode.FORBIDDEN, "The entered credentials are for another server.");
  }
}
