package social.avatarai.mcp.discovery;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;

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
}
