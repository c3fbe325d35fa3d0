package social.avatarai.mcp;

/**
 * The address at which browsers and authorization servers reach this deployment, and the URLs of ours below it.
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

  /** The redirect URI that issuers share: only for those that the operator or a profile allows it. */
  public RedirectUri plainCallback() {
    return new RedirectUri(value + PATH + "callback");
  }

  /**
   * The redirect URI of one issuer. It lies beside the plain one and beside every other issuer's, never below: some
   * providers accept each subdirectory of a redirect URI that is registered with them.
   */
  public RedirectUri callback(IssuerContext context) {
    return new RedirectUri(value + PATH + "issuer/" + context + "/callback");
  }

  /** The URL of our Client ID Metadata Document for one issuer, which is its {@code client_id}. */
  public String clientMetadata(IssuerContext context) {
    return value + PATH + "client-metadata/" + context + ".json";
  }

  /** The URL of our Client ID Metadata Document with the plain redirect URI. */
  public String plainClientMetadata() {
    return value + PATH + "client-metadata.json";
  }
}
