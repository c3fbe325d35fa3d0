package social.avatarai.mcp;

/**
 * The URI to which an authorization server sends the browser back. It is compared as a string (RFC 9700 §2.1).
 *
 * @param value an https URL, or http on loopback (RFC 8252 §7.3)
 */
public record RedirectUri(String value) {

  public RedirectUri {
    new EndpointUrl(value);
  }

  /** {@code native} on loopback, else {@code web} (OpenID Connect Registration §2). Servers refuse the wrong type. */
  public String applicationType() {
    return new EndpointUrl(value).isLoopback() ? "native" : "web";
  }

  @Override
  public String toString() {
    return value;
  }
}
