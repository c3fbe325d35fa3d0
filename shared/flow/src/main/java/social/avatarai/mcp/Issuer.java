package social.avatarai.mcp;

/**
 * The identifier of an authorization server, exactly as it names itself.
 *
 * <p>Compared as a string, never normalised: RFC 9207 §2.4 and RFC 8414 §3.3 both demand it.
 *
 * @param value an https URL without query or fragment (RFC 8414 §2); loopback http where the address policy allows it
 */
public record Issuer(String value) {

  public Issuer {
    new EndpointUrl(value).requireNoQuery();
  }

  /** An issuer from our own caller's parameter; {@code invalid_url} when it is none. */
  public static Issuer ofParameter(String name, String value) {
    try {
      return new Issuer(value);
    } catch (IllegalArgumentException e) {
      throw new Failure.BadRequest(ErrorCode.INVALID_URL, "Parameter " + name + " " + e.getMessage() + ".");
    }
  }

  /** An issuer from a stranger's document; {@code invalid_metadata} when it is none. */
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
