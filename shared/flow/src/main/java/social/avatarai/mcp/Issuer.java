package social.avatarai.mcp;

/**
 * The identifier of an authorization server, exactly as the server publishes it.
 *
 * <p>Issuers are compared as strings and never normalised, as RFC 9207 §2.4 and RFC 8414 §3.3 demand.
 *
 * @param value an https URL without query or fragment (RFC 8414 §2); or http on loopback, if the address policy allows
 *         loopback
 */
public record Issuer(String value) {

  public Issuer {
    new EndpointUrl(value).requireNoQuery();
  }

  /** An issuer from our own caller's parameter. Fails with {@code invalid_url} if the value is invalid. */
  public static Issuer ofParameter(String name, String value) {
    try {
      return new Issuer(value);
    } catch (IllegalArgumentException e) {
      throw new Failure.BadRequest(ErrorCode.INVALID_URL, "Parameter " + name + " " + e.getMessage() + ".");
    }
  }

  /** An issuer from another party's document. Fails with {@code invalid_metadata} if the value is invalid. */
  public static Issuer ofDocument(String member, String value) {
    try {
      return new Issuer(value);
    } catch (IllegalArgumentException e) {
      throw new Failure.ProtocolBroken(ErrorCode.INVALID_METADATA,
          "The server's " + member + " " + e.getMessage() + ".",
          value);
    }
  }

  public EndpointUrl url() {
    return new EndpointUrl(value);
  }

  @Override
  public String toString() {
    return value;
  }
}
