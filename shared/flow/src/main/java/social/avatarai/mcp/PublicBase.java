package social.avatarai.mcp;

/**
 * The address at which browsers and authorization servers reach this deployment, and our URLs below that address.
 *
 * @param value scheme, host and port, without a trailing slash
 */
public record PublicBase(String value) {
  private static final String PATH = "/api/mcp/oauth/";

  public PublicBase {
    var url = new EndpointUrl(value);
    if (!value.equals(url.origin())) throw new IllegalArgumentException("must be scheme and host only, in lower case");
  }

  public boolean isHttps() { return new EndpointUrl(value).isHttps(); }

  /** The redirect URI that issuers share. It is only for issuers that the operator or a profile allows. */
  public RedirectUri plainCallback() {
    return new RedirectUri(value + PATH + "callback");
  }

  /**
   * The redirect URI of one issuer. Its path is beside the plain redirect URI and beside those of other issuers, never
   * below them, because some providers accept every subdirectory of a registered redirect URI.
   */
  public RedirectUri callback(IssuerContext context) {
    return new RedirectUri(value + PATH + "issuer/" + context + "/callback");
  }

  /** The URL of our Client ID Metadata Document for one issuer. The URL is our {@code client_id} there. */
  public String clientMetadata(IssuerContext context) {
    return value + PATH + "client-metadata/" + context + ".json";
  }

  /** The URL of our Client ID Metadata Document with the plain redirect URI. */
  public String plainClientMetadata() {
    return value + PATH + "client-metadata.json";
  }
}
