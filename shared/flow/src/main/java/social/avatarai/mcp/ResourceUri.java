package social.avatarai.mcp;

/**
 * The identifier of a protected resource (RFC 8707 §2, RFC 9728 §1.2), kept and sent verbatim.
 *
 * <p>No slash is added or taken away: authorization servers in the field compare it as a string.
 *
 * @param value an https URL of at most {@value #MAX_LENGTH} characters; a query is allowed, because servers in the field
 *        have one
 */
public record ResourceUri(String value) {

  /** The longest resource, in characters: grants are found by it, and the keys of a table have an end. */
  public static final int MAX_LENGTH = 1024;

  public ResourceUri {
    new EndpointUrl(value);
    if (value.length() > MAX_LENGTH) throw new IllegalArgumentException("is longer than " + MAX_LENGTH + " characters");
  }

  /** A resource from a stranger's document; {@code invalid_metadata} when it is none. */
  public static ResourceUri ofDocument(String member, String value) {
    try {
      return new ResourceUri(value);
    } catch (IllegalArgumentException e) {
      throw new Failure.ProtocolBroken(ErrorCode.INVALID_METADATA,
          "The server's " + member + " " + e.getMessage() + ".", value);
    }
  }

  public EndpointUrl url() {
    return new EndpointUrl(value);
  }

  /** Whether a request to this URL is a request to this resource; see {@link EndpointUrl#covers}. */
  public boolean covers(EndpointUrl target) {
    return url().covers(target);
  }

  /**
   * How near this resource is to the URLs that it covers. Of two that cover one URL, the larger number is the nearer: the
   * longer path and, of equal paths, the one with a query. The same number means the same resource, one trailing slash
   * aside.
   */
  public int nearness() {
    var url = url();
    return 2 * url.pathLength() + (url.uri().getRawQuery() == null ? 0 : 1);
  }

  @Override
  public String toString() {
    return value;
  }
}
