package social.avatarai.mcp.registration;

import java.time.Duration;
import java.time.Instant;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Issuer;

/**
 * Which owners hold a client at an issuer: one owner alone, or several. Some issuers return the same client for equal
 * registrations. Its end at the issuer would break the grants of all its holders.
 *
 * <p>A client that was ever held by two owners, or is held again after its end, counts as shared for good. All writes
 * may be repeated.
 */
public interface ClientHolders {
  /**
   * How long no other owner can begin to hold a client that is being ended. A response that names the client may be on
   * its way to another owner, so this is longer than an invocation.
   */
  Duration ENDING_LIFE = Duration.ofMinutes(1);
  /**
   * How long it is remembered that a client was ended. An issuer that gives the same client again within this time has
   * one client for equal registrations. The client then counts as shared, so its holders cannot end it again and again.
   */
  Duration ENDED_LIFE = Duration.ofDays(30);

  /**
   * Notes that this owner holds a client, before the client is used.
   *
   * @return false if another owner is ending the client
   */
  boolean hold(Owner owner, Issuer issuer, ClientId clientId, Instant now);

  /**
   * Begins the end of a client at its issuer.
   *
   * @return whether this owner may end it: the holders of all registrations are noted, no other owner has ever held this
   *         client, and none can hold it before it is ended
   */
  boolean beginEnd(Owner owner, Issuer issuer, ClientId clientId, Instant now);

  /** Forgets that this owner holds a client, if no other owner holds it and no owner is ending it. */
  void release(Owner owner, Issuer issuer, ClientId clientId);
}
