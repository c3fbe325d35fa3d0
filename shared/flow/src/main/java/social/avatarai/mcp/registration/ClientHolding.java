package social.avatarai.mcp.registration;

import java.time.Clock;
import java.util.Map;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Journal;

/**
 * Who holds a client at its issuer, and the end of a client there (RFC 7592 §2.3). A client is ended only if no other
 * owner of this deployment holds it. If that is not certain, the client stays at the issuer.
 */
public final class ClientHolding {
  private final RegistrationEndpoint endpoint;
  private final Registrations registrations;
  private final RegistrationManagements managements;
  private final ClientHolders holders;
  private final Clock clock;
  private final Journal journal;

  public ClientHolding(RegistrationEndpoint endpoint, Registrations registrations, RegistrationManagements managements,
      ClientHolders holders, Clock clock, Journal journal) {
    this.endpoint = endpoint;
    this.registrations = registrations;
    this.managements = managements;
    this.holders = holders;
    this.clock = clock;
    this.journal = journal;
  }

  /**
   * Notes that this owner holds a client that the issuer has just named, before it is kept. While another owner ends the
   * client, this fails with {@code upstream_unreachable}, in words that do not mention the other owner.
   */
  void hold(Owner owner, Issuer issuer, ClientId clientId) {
    var now = clock.instant();
    if (holders.hold(owner, issuer, clientId, now)) return;
    throw new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE,
        "The authorization server's response cannot be used at this moment; try again.", "", true)
        .withRetryAt(now.plus(ClientHolders.ENDING_LIFE));
  }

  /**
   * Notes that this owner uses a client that it has entered by hand. The call never fails, so it shows no caller that
   * another owner is ending the client.
   */
  void holdByHand(Owner owner, Issuer issuer, ClientId clientId) {
    var _ = holders.hold(owner, issuer, clientId, clock.instant());
  }

  /** Forgets that this owner holds a client. */
  void release(Owner owner, Issuer issuer, ClientId clientId) {
    holders.release(owner, issuer, clientId);
  }

  /**
   * Ends a client of this owner at the issuer, if the issuer supports that and no other owner holds the client. Fails
   * only with {@code too_many_requests}, for a user with too many slow calls: a later call can end the client.
   */
  boolean end(Owner owner, Issuer issuer, ClientId clientId, Deadline deadline) {
    try {
      var how = managements.find(owner, issuer, clientId);
      return how.isPresent() && mayEnd(owner, issuer, clientId) && endpoint.end(how.get(), deadline);
    } catch (Failure.Crowded e) {
      throw e;
    } catch (Failure e) {
      return noteNotDeregistered(issuer, e.detail());
    } catch (RuntimeException e) {
      return noteNotDeregistered(issuer, e.getClass().getName());
    }
  }

  /** The deployment's registrations are read too: the safer way, for one read. */
  private boolean mayEnd(Owner owner, Issuer issuer, ClientId clientId) {
    return registrations.find(Owner.deployment(), issuer, clientId).isEmpty()
        && holders.beginEnd(owner, issuer, clientId, clock.instant());
  }

  /** Logs that the issuer did not delete the registration. The client is deleted here nevertheless. */
  private boolean noteNotDeregistered(Issuer issuer, String detail) {
    journal.write("not_deregistered", Map.of("issuer", issuer.url().host(), "detail", detail));
    return false;
  }
}
