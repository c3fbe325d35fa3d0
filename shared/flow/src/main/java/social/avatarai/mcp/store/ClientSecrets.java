package social.avatarai.mcp.store;

import java.util.Optional;

import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.registration.Owner;

/** The secrets of clients, one map per owner and issuer. */
public interface ClientSecrets {

  /** Secrets of one user at one issuer. The deployment has no such limit: its flows register for everyone. */
  int MOST_OF_A_USER = 50;

  Optional<ClientSecret> find(Owner owner, Issuer issuer, ClientId clientId);

  /**
   * Keeps a secret; whoever calls holds the owner's registration lease for this issuer. {@code invalid_request} for one
   * more than {@value #MOST_OF_A_USER} of a user's.
   */
  void keep(Owner owner, Issuer issuer, ClientId clientId, ClientSecret secret);

  /** Forgets a client's secret, if one is kept; whoever calls holds the owner's registration lease for this issuer. */
  void remove(Owner owner, Issuer issuer, ClientId clientId);

  /** Refuses another secret to an owner who has this many at the issuer. */
  static void requireRoom(Owner owner, int kept) {
    if (owner.isDeployment() || kept < MOST_OF_A_USER) return;
    throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST,
        "A user has at most " + MOST_OF_A_USER + " client secrets at one authorization server.");
  }
}
