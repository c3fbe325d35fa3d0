package social.avatarai.mcp.registration;

import java.util.Optional;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;

/** The secrets of clients, one map per owner and issuer. */
public interface ClientSecrets {

  /** The most secrets of one user at one issuer. The deployment has no limit: its registrations serve all users. */
  int MAX_PER_USER = 50;

  Optional<ClientSecret> find(Owner owner, Issuer issuer, ClientId clientId);

  /** The same, as it is now: a secret that is remembered in this process is read again. */
  default Optional<ClientSecret> findAgain(Owner owner, Issuer issuer, ClientId clientId) {
    return find(owner, issuer, clientId);
  }

  /**
   * Keeps a secret. The caller must hold the owner's registration lease for this issuer. {@code invalid_request} if a
   * user would have more than {@value #MAX_PER_USER}.
   */
  void keep(Owner owner, Issuer issuer, ClientId clientId, ClientSecret secret);

  /**
   * Deletes a client's secret, if there is one. The caller must hold the owner's registration lease for this issuer.
   */
  void remove(Owner owner, Issuer issuer, ClientId clientId);

  /** Refuses another secret if the owner has reached the limit at the issuer. */
  static void requireRoom(Owner owner, int kept) {
    if (owner.isDeployment() || kept < MAX_PER_USER) return;
    throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST,
        "A user has at most " + MAX_PER_USER + " client secrets at one authorization server.");
  }
}
