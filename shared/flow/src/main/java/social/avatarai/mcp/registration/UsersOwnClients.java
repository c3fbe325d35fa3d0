package social.avatarai.mcp.registration;

import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.PublicBase;

/**
 * Tells the clients of users from those of the operator and the deployment. Where only a user's record binds an issuer
 * to a server, the consent page must not name the operator: the operator has bound nothing.
 */
public final class UsersOwnClients {
  private final OperatorClients operatorClients;
  private final ClientMetadata metadata;
  private final Registrations registrations;
  private final boolean anyClient;

  public UsersOwnClients(OperatorClients operatorClients, ClientMetadata metadata, Registrations registrations) {
    this(operatorClients, metadata, registrations, false);
  }

  private UsersOwnClients(OperatorClients operatorClients, ClientMetadata metadata, Registrations registrations,
      boolean anyClient) {
    this.operatorClients = operatorClients;
    this.metadata = metadata;
    this.registrations = registrations;
    this.anyClient = anyClient;
  }

  /** The same for a record of the operator, which may name a client of the deployment. */
  public UsersOwnClients orDeployments() {
    return new UsersOwnClients(operatorClients, metadata, registrations, true);
  }

  /** Refuses a client of the operator or the deployment, in either spelling of the issuer. Nothing is sent for this. */
  public void require(Issuer issuer, ClientId id, PublicBase base) {
    if (anyClient) return;
    boolean ours = operatorClients.has(id)
        || issuer.spellings().stream().anyMatch(spelling -> isDeployments(spelling, id, base));
    if (!ours) return;
    throw new Failure.BadRequest(ErrorCode.ISSUER_NOT_BOUND, "The record names a client of this deployment. An "
        + "authorization server that only the record binds is used with a client of your own: register one there, and "
        + "name it in authorization.config.client_id.");
  }

  /** The failure when a user's record names a client that the operator has entered in a built-in record. */
  static Failure reserved() {
    return new Failure.BadRequest(ErrorCode.ISSUER_NOT_BOUND, "The operator has entered this client for the built-in "
        + "servers, and it is used for those alone. Register a client of your own at the authorization server, and name "
        + "that one.");
  }

  /** The failure when a flow names the operator's client for a server to which nothing binds the client's issuer. */
  static Failure unbound() {
    return new Failure.BadRequest(ErrorCode.ISSUER_NOT_BOUND, "This is the operator's client, and it is used only at "
        + "servers to which the operator's ISSUER_BINDINGS or a provider profile binds the authorization server. Register "
        + "a client of your own there, and name that one.");
  }

  private boolean isDeployments(Issuer issuer, ClientId id, PublicBase base) {
    return metadata.documentUrl(base, IssuerContext.of(issuer)).filter(url -> url.value().equals(id.value()))
        .isPresent()
        || registrations.find(Owner.deployment(), issuer, id).isPresent();
  }
}
