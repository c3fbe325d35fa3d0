package social.avatarai.mcp.registration;

import java.util.Optional;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;

/** Finds the credentials of a client identity, for the issuer it belongs to and no other. */
public final class CredentialSource {
  private final OperatorClients operatorClients;
  private final ClientSecrets secrets;

  public CredentialSource(OperatorClients operatorClients, ClientSecrets secrets) {
    this.operatorClients = operatorClients;
    this.secrets = secrets;
  }

  /** The credentials of this client at this issuer; {@code misconfigured} when its secret is not there. */
  public Credentials of(ClientIdentity client, Issuer issuer) {
    if (client.method() == ClientAuthenticationMethod.NONE) return Credentials.publicClient(client.id());
    return new Credentials(client.id(), client.method(), secret(client, issuer)
        .orElseThrow(
            () -> new Failure.Misconfigured("The secret of the client is not there.", client.origin().name())));
  }

  private Optional<ClientSecret> secret(ClientIdentity client, Issuer issuer) {
    return client.hasStoredSecret()
        ? secrets.find(client.owner(), issuer, client.id())
        : operatorClients.secret(issuer, client.id());
  }
}
