package social.avatarai.mcp.store;

import java.util.Optional;

import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.registration.Owner;

/** The secrets of clients, one map per owner and issuer. */
public interface ClientSecrets {

  Optional<ClientSecret> find(Owner owner, Issuer issuer, ClientId clientId);

  /** Keeps a secret; whoever calls holds the owner's registration lease for this issuer. */
  void keep(Owner owner, Issuer issuer, ClientId clientId, ClientSecret secret);
}
