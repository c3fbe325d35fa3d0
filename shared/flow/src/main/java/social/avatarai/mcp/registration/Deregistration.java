package social.avatarai.mcp.registration;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.UserId;

/**
 * Deletes a user's own client: first the registration at the issuer, if the issuer supports that (RFC 7592 §2.3) and no
 * other owner of this deployment holds the client, then the secret, then the registration here. Of the deployment's
 * clients, only those that the operator has entered in built-in records are deleted, and only here.
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
    return forget(Owner.of(user), registrations.find(Owner.of(user), issuer, clientId), isUnused, deadline);
  }

  /** The same for a client that the operator has entered in built-in records. No other client of the deployment ends. */
  public boolean forgetEntered(Issuer issuer, ClientId clientId, BooleanSupplier isUnused, Deadline deadline) {
    var owner = Owner.deployment();
    return forget(owner, registrations.find(owner, issuer, clientId)
        .filter(one -> one.client().origin() == ClientIdentity.Origin.PREREGISTERED), isUnused, deadline);
  }

  private boolean forget(Owner owner, Optional<ClientRegistration> found, BooleanSupplier isUnused,
      Deadline deadline) {
    if (found.isEmpty()) return false;
    var issuer = found.get().issuer();
    return lease.during(owner, issuer, deadline,
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
