package social.avatarai.mcp.authorization;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.discovery.StatedEndpoints;
import social.avatarai.mcp.record.McpServer.Terms;
import social.avatarai.mcp.registration.ClientSelector.Chosen;

/**
 * The issuer that a user's server record names together with a client there. This can bind the issuer to the server;
 * see {@link social.avatarai.mcp.discovery.IssuerRules#canRecordBind}.
 *
 * @param issuer the issuer, as the user has written it
 * @param client the client, which must be the user's own
 * @param endpoints the endpoints that the record states; null to fetch the issuer's metadata
 */
public record RecordedIssuer(Issuer issuer, ClientId client, @Nullable StatedEndpoints endpoints) {

  /** What a record names; null where the record does not name both. */
  public static @Nullable RecordedIssuer of(Terms terms) {
    return terms.issuer() == null || terms.clientId() == null
        ? null
        : new RecordedIssuer(terms.issuer(), terms.clientId(), terms.endpoints());
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

  /**
   * The failure of a record whose endpoints are not used. Its client was entered together with them, so it is not used
   * without them either.
   */
  public static Failure unusedEndpoints() {
    return new Failure.BadRequest(ErrorCode.ISSUER_NOT_BOUND,
        "The server's own metadata names its authorization server, so "
            + "the endpoints in the record are not used: store the record without them, with the client and its secret.");
  }

  /** The failure of a record whose endpoints are not those that its secrets were entered for. */
  public static Failure secretMissing() {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST,
        "The secrets of this record were entered for other endpoints, "
            + "and are not sent to these: store the record with authorization.config.client_secret, and with "
            + "authorization.credentials if it has tokens.");
  }
}
