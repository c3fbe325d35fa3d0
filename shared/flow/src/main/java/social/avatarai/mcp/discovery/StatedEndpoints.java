package social.avatarai.mcp.discovery;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;

/**
 * The endpoints of an issuer that publishes no metadata, as the user's own server record states them.
 *
 * @param authorization {@code authorization_endpoint}
 * @param token {@code token_endpoint}
 * @param revocation {@code revocation_endpoint}; null if the issuer has none
 * @param scopeSeparator {@code scope_separator}: the separator of scopes in token responses
 */
public record StatedEndpoints(EndpointUrl authorization, EndpointUrl token, @Nullable EndpointUrl revocation,
    String scopeSeparator) {

  /** The separator that RFC 6749 §3.3 demands. */
  public static final String STANDARD_SEPARATOR = " ";

  /** The top-level domain {@code invalid} never resolves (RFC 6761 §6.4), so no server is such an issuer. */
  private static final String PLACES = "https://stated-endpoints.invalid/";

  /** Where clients of this issuer are kept that were entered together with these endpoints. */
  public Issuer registeredAt(Issuer issuer) {
    return registeredAt(issuer, token, revocation);
  }

  /**
   * The place under which a client and its secret are kept, in place of their issuer. A secret that was entered for other
   * endpoints has another place and is not found, so naming another endpoint is no way to read it.
   *
   * @param issuer the issuer, in either spelling
   * @param token the stated endpoint to which the secret is sent
   * @param revocation the other one; null if there is none
   */
  public static Issuer registeredAt(Issuer issuer, EndpointUrl token, @Nullable EndpointUrl revocation) {
    String written = issuer.value();
    String spelled = written.endsWith("/") ? issuer.otherSpelling().value() : written;
    // No URL has a line break, so different endpoints never give the same text.
    return new Issuer(PLACES + Digest.sha256Hex(
        String.join("\n", spelled, token.value(), revocation == null ? "" : revocation.value())));
  }
}
