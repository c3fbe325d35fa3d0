package social.avatarai.mcp.registration;

import java.util.Optional;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;

/** The secrets of clients, one map per owner and issuer. */
public interface ClientSecrets {

  /** Secrets of one user at one issuer. The deployment has no such limit: its flows register for everyone. */
  int MAX_PER_USER = 50;

  Optional<ClientSecret> find(Owner owner, Issuer issuer, ClientId clientId);

  /**
   * Keeps a secret; whoever calls holds the owner's registration lease for this issuer. {@code invalid_request} for one
   * more than {@value #MAX_PER_USER} of a user's.
   */
  void keep(Owner owner, Issuer issuer, ClientId clientId, ClientSecret secret);

  /** Forgets a client's secret, if one is kept; whoever calls holds the owner's registration lease for this issuer. */
  void remove(Owner owner, Issuer issuer, ClientId clientId);

  /** Refuses another secret to an owner who has this many at the issuer. */
  static void requireRoom(Owner owner, int kept) {
    if (owner.isDeployment() || kept < MAX_PER_USER) return;
    throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST,
        "A user has at most " + MAX_PER_USER + " client secrets at one authorization server.");
  }
}
