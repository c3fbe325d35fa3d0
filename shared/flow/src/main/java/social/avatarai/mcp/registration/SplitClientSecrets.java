package social.avatarai.mcp.registration;

import java.util.Optional;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.Issuer;

/**
 * The deployment's client secrets in one store, and the users' client secrets in another store that costs less. Secrets
 * of users that are still in the deployment's store are found there and deleted there too.
 */
public final class SplitClientSecrets implements ClientSecrets {
  private final ClientSecrets deployments;
  private final ClientSecrets users;

  public SplitClientSecrets(ClientSecrets deployments, ClientSecrets users) {
    this.deployments = deployments;
    this.users = users;
  }

  @Override
  public Optional<ClientSecret> find(Owner owner, Issuer issuer, ClientId clientId) {
    if (owner.isDeployment()) return deployments.find(owner, issuer, clientId);
    return users.find(owner, issuer, clientId).or(() -> deployments.find(owner, issuer, clientId));
  }

  @Override
  public Optional<ClientSecret> findAgain(Owner owner, Issuer issuer, ClientId clientId) {
    return owner.isDeployment() ? deployments.findAgain(owner, issuer, clientId) : find(owner, issuer, clientId);
  }

  @Override
  public void keep(Owner owner, Issuer issuer, ClientId clientId, ClientSecret secret) {
    (owner.isDeployment() ? deployments : users).keep(owner, issuer, clientId, secret);
  }

  @Override
  public void remove(Owner owner, Issuer issuer, ClientId clientId) {
    if (!owner.isDeployment()) users.remove(owner, issuer, clientId);
    deployments.remove(owner, issuer, clientId);
  }
}
