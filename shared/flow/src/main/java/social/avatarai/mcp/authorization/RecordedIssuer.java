package social.avatarai.mcp.authorization;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.discovery.StatedEndpoints;
import social.avatarai.mcp.record.McpServer.Terms;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.ClientSelector.Chosen;

/**
 * The issuer that a user's server record names together with a client there. This can bind the issuer to the server;
 * see {@link social.avatarai.mcp.discovery.IssuerRules#canRecordBind}.
 *
 * @param issuer the issuer, as the user has written it
 * @param client the client, which must be the user's own
 * @param endpoints the endpoints that the record states; null to fetch the issuer's metadata
 * @param hasSecret whether the secret of the client was given with this record
 */
public record RecordedIssuer(Issuer issuer, ClientId client, @Nullable StatedEndpoints endpoints, boolean hasSecret) {

  /** What a record names; null where the record does not name both. */
  public static @Nullable RecordedIssuer of(Terms terms) {
    return terms.issuer() == null || terms.clientId() == null
        ? null
        : new RecordedIssuer(terms.issuer(), terms.clientId(), terms.endpoints(), terms.hasSecret());
  }

  /**
   * Refuses to send a kept secret to endpoints that the secret was not given for. A secret never leaves this service, so
   * naming another token endpoint must not be a way to read it.
   */
  void requireSecretFor(ClientIdentity chosen) {
    if (endpoints == null || hasSecret || !chosen.hasStoredSecret()) return;
    throw secretMissing();
  }

  /**
   * Refuses the plain callback for endpoints on another site than the issuer. The issuers that share the plain callback
   * are trusted one by one, and the operator has not trusted these endpoints.
   */
  void requireOwnCallbackFor(Chosen chosen, boolean foreignEndpoints) {
    if (endpoints == null || !foreignEndpoints || chosen.context() != null) return;
    throw new Failure.BadRequest(ErrorCode.REDIRECT_URI_REQUIRED,
        "The endpoints in the record are on another site than "
            + "the issuer, so the plain callback is not used there: register the redirect URI that redirect-uri names, and "
            + "name it in authorization.config.redirect_uri.");
  }

  /** The failure of a record that states endpoints, without the secret that would be sent there. */
  public static Failure secretMissing() {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST,
        "The record states endpoints, and the secret of its client "
            + "was not sent together with them: store the record with authorization.config.client_secret.");
  }
}
