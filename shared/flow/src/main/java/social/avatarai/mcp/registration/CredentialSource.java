package social.avatarai.mcp.registration;

import java.util.Optional;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;

/** Finds the credentials of a client identity at the issuer that the client belongs to, and at no other issuer. */
public final class CredentialSource {
  private final OperatorClients operatorClients;
  private final OperatorSecrets operatorSecrets;
  private final ClientSecrets secrets;

  public CredentialSource(OperatorClients operatorClients, OperatorSecrets operatorSecrets, ClientSecrets secrets) {
    this.operatorClients = operatorClients;
    this.operatorSecrets = operatorSecrets;
    this.secrets = secrets;
  }

  /**
   * The credentials of this client; {@code misconfigured} if the secret is missing.
   *
   * @param issuer the issuer under which the client is kept; for a client of a flow or a grant,
   *        {@link social.avatarai.mcp.token.GrantTarget#registeredAt}
   */
  public ClientCredentials of(ClientIdentity client, Issuer issuer) {
    return switch (client.method()) {
      case NONE -> new ClientCredentials.None(client.id());
      case CLIENT_SECRET_BASIC -> new ClientCredentials.SecretBasic(client.id(), secret(client, issuer));
      case CLIENT_SECRET_POST -> new ClientCredentials.SecretPost(client.id(), secret(client, issuer));
    };
  }

  /**
   * The secret of this client as it is now. {@link #of} may know an older secret of a client of the deployment or the
   * operator, which each process remembers for some minutes. Empty for a client without a secret.
   */
  public Optional<ClientSecret> secretNow(ClientIdentity client, Issuer issuer) {
    if (client.method() == ClientAuthenticationMethod.NONE) return Optional.empty();
    return client.hasStoredSecret()
        ? secrets.findAgain(client.owner(), issuer, client.id()).or(() -> ofRecord(client, issuer.otherSpelling()))
        : operatorClients.secretName(issuer, client.id()).map(operatorSecrets::readAgain);
  }

  /** A client of a server record is kept under the issuer as the user has written it. */
  private Optional<ClientSecret> ofRecord(ClientIdentity client, Issuer written) {
    return client.origin() == ClientIdentity.Origin.PREREGISTERED
        ? secrets.find(client.owner(), written, client.id())
        : Optional.empty();
  }

  private ClientSecret secret(ClientIdentity client, Issuer issuer) {
    var secret = client.hasStoredSecret()
        ? secrets.find(client.owner(), issuer, client.id()).or(() -> ofRecord(client, issuer.otherSpelling()))
        : operatorClients.secretName(issuer, client.id()).map(operatorSecrets::read);
    return secret.orElseThrow(
        () -> new Failure.Misconfigured("The secret of the client is not there.", client.origin().name()));
  }
}
