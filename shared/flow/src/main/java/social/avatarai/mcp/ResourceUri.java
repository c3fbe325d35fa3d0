package social.avatarai.mcp;

/**
 * The identifier of a protected resource (RFC 8707 §2, RFC 9728 §1.2), kept and sent verbatim.
 *
 * <p>No slash is added or removed, because real authorization servers compare the identifier as a string.
 *
 * @param value an https URL of at most {@value #MAX_LENGTH} characters; a query is allowed, because some real servers
 *         have one
 */
public record ResourceUri(String value) {

  /** The maximum length in characters. The resource is part of an index key, and table keys have a maximum size. */
  public static final int MAX_LENGTH = 1024;

  public ResourceUri {
    new EndpointUrl(value);
    if (value.length() > MAX_LENGTH) throw new IllegalArgumentException("is longer than " + MAX_LENGTH + " characters");
  }

  /** A resource from another party's document. Fails with {@code invalid_metadata} if the value is invalid. */
  public static ResourceUri ofDocument(String member, String value) {
    try {
      return new ResourceUri(InvocationSecrets.requireNoneIn(value));
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
   * How near this resource is to the URLs that it covers. If two resources cover one URL, the one with the larger
   * number is nearer: the longer path or, for equal paths, the one with a query. The same number means the same
   * resource, apart from one trailing slash.
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
