package social.avatarai.mcp.registration;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.UserId;

/**
 * Forgets a user's own client: ends its registration at the issuer, where the issuer has told how (RFC 7592 §2.3) and as
 * far as that can be done, then its secret, then what is known of it. What the deployment registered is never touched.
 */
public final class Deregistration {
  /** Less time than this is too little to forget in. */
  private static final Duration MIN_TO_FORGET = Duration.ofSeconds(4);
  /** The most that the issuer is given to answer. */
  private static final Duration FOR_THE_ISSUER = Duration.ofSeconds(5);

  private final RegistrationEndpoint endpoint;
  private final Registrations registrations;
  private final RegistrationManagements managements;
  private final ClientSecrets secrets;
  private final Journal journal;
  private final RegistrationLease lease;

  public Deregistration(RegistrationEndpoint endpoint, Registrations registrations, RegistrationManagements managements,
      ClientSecrets secrets, Clock clock, Pause pause, Journal journal) {
    this.endpoint = endpoint;
    this.registrations = registrations;
    this.managements = managements;
    this.secrets = secrets;
    this.journal = journal;
    this.lease = new RegistrationLease(registrations, clock, pause);
  }

  /**
   * Forgets a user's own client, if there is one.
   *
   * @param isUnused asked under the registration lease, so that no registration comes in between
   * @return whether one was forgotten
   */
  public boolean forget(UserId user, Issuer issuer, ClientId clientId, BooleanSupplier isUnused, Deadline deadline) {
    var owner = Owner.of(user);
    if (registrations.find(owner, issuer, clientId).isEmpty()) return false;
    while (!lease.acquire(owner, issuer))
      lease.waitFor(deadline, MIN_TO_FORGET);
    try {
      if (!isUnused.getAsBoolean()) return false;
      boolean ended = endAtIssuer(owner, issuer, clientId, deadline);
      secrets.remove(owner, issuer, clientId);
      managements.remove(owner, issuer, clientId);
      // Last: what is still here is found again by whoever goes on after a crash.
      registrations.delete(owner, issuer, clientId);
      journal.write("client_forgotten", Map.of("issuer", issuer.url().host(), "deregistered", ended));
      return true;
    } finally {
      lease.release(owner, issuer);
    }
  }

  private boolean endAtIssuer(Owner owner, Issuer issuer, ClientId clientId, Deadline deadline) {
    // Some issuers answer equal registrations with one client: what is the deployment's too, all users stand on.
    boolean shared = registrations.all(Owner.deployment(), issuer).stream()
        .anyMatch(registration -> registration.client().id().equals(clientId));
    if (shared) return false;
    try {
      var share = Deadline.in(deadline.remaining().minus(MIN_TO_FORGET)).remaining(FOR_THE_ISSUER);
      return managements.find(owner, issuer, clientId).filter(how -> endpoint.end(how, Deadline.in(share))).isPresent();
    } catch (Failure e) {
      return not(issuer, e.detail());
    } catch (RuntimeException e) {
      return not(issuer, e.getClass().getName());
    }
  }

  /** An issuer that cannot be reached keeps nobody from being forgotten here. */
  private boolean not(Issuer issuer, String detail) {
    journal.write("not_deregistered", Map.of("issuer", issuer.url().host(), "detail", detail));
    return false;
  }
}
