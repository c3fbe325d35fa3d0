package social.avatarai.mcp.registration;

import java.util.Optional;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Issuer;

/** How users' registrations can be deleted at their issuers. Reads are consistent; the token is sealed at rest. */
public interface RegistrationManagements {

  Optional<RegistrationManagement> find(Owner owner, Issuer issuer, ClientId clientId);

  /** Keeps it and replaces what was there for this client. */
  void keep(Owner owner, Issuer issuer, ClientId clientId, RegistrationManagement management);

  void remove(Owner owner, Issuer issuer, ClientId clientId);
}
