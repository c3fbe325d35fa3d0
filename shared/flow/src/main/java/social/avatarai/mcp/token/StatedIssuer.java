package social.avatarai.mcp.token;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.discovery.StatedEndpoints;

/**
 * What the user's server record states about the issuer of a grant, in place of metadata. A grant is refreshed and
 * revoked without its record, so the grant keeps these facts beside its token endpoint.
 *
 * @param revocationEndpoint where tokens are revoked; null if the issuer cannot revoke tokens
 * @param scopeSeparator the separator of scopes in token responses
 */
public record StatedIssuer(@Nullable EndpointUrl revocationEndpoint, String scopeSeparator) {

  Optional<EndpointUrl> revocation() {
    return Optional.ofNullable(revocationEndpoint);
  }

  /** The facts that a grant needs; null where the record states nothing. */
  public static @Nullable StatedIssuer of(@Nullable StatedEndpoints stated) {
    return stated == null ? null : new StatedIssuer(stated.revocation(), stated.scopeSeparator());
  }
}
