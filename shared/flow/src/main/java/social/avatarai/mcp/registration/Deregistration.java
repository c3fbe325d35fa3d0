package social.avatarai.mcp.registration;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.UserId;

/**
 * Deletes a user's own client: first the registration at the issuer, if the issuer supports that (RFC 7592 §2.3) and no
 * other owner of this deployment holds the client, then the secret, then the registration here. Registrations of the
 * deployment are never touched.
 */
public final class Deregistration {
  /** With less time than this, no deletion is begun. */
  private static final Duration MIN_TO_FORGET = Duration.ofSeconds(4);
  /** The most time that the issuer gets to respond. */
  private static final Duration FOR_THE_ISSUER = Duration.ofSeconds(5);

  private final ClientHolding holding;
  private final Registrations registrations;
  private final RegistrationManagements managements;
  private final ClientSecrets secrets;
  private final Journal journal;
  private final RegistrationLease lease;

  public Deregistration(ClientHolding holding, Registrations registrations, RegistrationManagements managements,
      ClientSecrets secrets, Clock clock, Pause pause, Journal journal) {
    this.holding = holding;
    this.registrations = registrations;
    this.managements = managements;
    this.secrets = secrets;
    this.journal = journal;
    this.lease = new RegistrationLease(registrations, clock, pause, MIN_TO_FORGET);
  }

  /**
   * Deletes a user's own client, if there is one.
   *
   * @param isUnused called under the registration lease, so that no registration happens in between
   * @return whether a client was deleted
   */
  public boolean forget(UserId user, Issuer issuer, ClientId clientId, BooleanSupplier isUnused, Deadline deadline) {
    var owner = Owner.of(user);
    var found = registrations.find(owner, issuer, clientId);
    return found.isPresent() && lease.during(owner, issuer, deadline,
        () -> isUnused.getAsBoolean() && forget(owner, found.get(), deadline));
  }

  private boolean forget(Owner owner, ClientRegistration registration, Deadline deadline) {
    var issuer = registration.issuer();
    var clientId = registration.client().id();
    boolean ended = endAtIssuer(owner, issuer, clientId, deadline);
    secrets.remove(owner, issuer, clientId);
    managements.remove(owner, issuer, clientId);
    holding.release(owner, issuer, clientId);
    // Deleted last: after a crash, the next call finds the registration and goes on.
    registrations.delete(owner, issuer, clientId);
    if (registration.client().origin() == ClientIdentity.Origin.DYNAMIC) {
      registrations.forgetOwn(owner, issuer, clientId);
    }
    journal.write("client_forgotten", Map.of("issuer", issuer.url().host(), "deregistered", ended));
    return true;
  }

  private boolean endAtIssuer(Owner owner, Issuer issuer, ClientId clientId, Deadline deadline) {
    var share = Deadline.in(deadline.remaining().minus(MIN_TO_FORGET)).remaining(FOR_THE_ISSUER);
    return holding.end(owner, issuer, clientId, Deadline.in(share));
  }
}
