package social.avatarai.mcp.registration;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.StatedEndpoints;

/**
 * Keeps a client that a user, or the operator for all users, has registered by hand at an issuer. Its secret goes to the
 * secret store. A user's client is used for this user and this issuer alone.
 */
public final class PreregisteredClients {
  /** With less time than this, no secret is written. */
  private static final Duration MIN_TO_KEEP_SECRET = Duration.ofSeconds(3);

  private final Registrations registrations;
  private final ClientSecrets secrets;
  private final RequestBudget budget;
  private final RegistrationLease lease;
  private final ClientHolding holding;

  public PreregisteredClients(Registrations registrations, ClientSecrets secrets, ClientHolding holding,
      RequestBudget budget, Clock clock, Pause pause) {
    this.holding = holding;
    this.registrations = registrations;
    this.secrets = secrets;
    this.budget = budget;
    this.lease = new RegistrationLease(registrations, clock, pause, MIN_TO_KEEP_SECRET);
  }

  /**
   * A client that was registered by hand.
   *
   * @param issuer under which issuer it is kept: the only one that it is used at, or see
   *        {@link StatedEndpoints#registeredAt}
   * @param id its identifier there
   * @param secret its secret; null if it has none, or if the secret is kept already
   * @param redirectUri the registered redirect URI; null if the record does not say
   * @param method how it authenticates; null if the record does not say
   */
  public record Given(Issuer issuer, ClientId id, @Nullable ClientSecret secret, @Nullable RedirectUri redirectUri,
      @Nullable ClientAuthenticationMethod method) {}

  /**
   * A client that is to be kept.
   *
   * @param owner its user, or the deployment
   * @param given the client, in the spelling of its issuer under which it is kept
   * @param known the client as it is kept already
   */
  public record Keeping(Owner owner, Given given, Optional<ClientRegistration> known) {
    /** Whether a secret of the client is kept afterwards. */
    public boolean hasSecret() {
      return given.secret() != null || known.filter(r -> r.client().hasStoredSecret()).isPresent();
    }
  }

  /**
   * Checks whether a client can be kept. Nothing of it is stored. Its issuer may be written with or without one trailing
   * slash.
   */
  public Keeping prepare(UserId user, Given written) {
    return prepare(Owner.of(user), user, written);
  }

  /**
   * The same for a client of the deployment, which serves all users.
   *
   * @param operator who keeps it, and whose call is counted
   */
  public Keeping prepareForAll(UserId operator, Given written) {
    return prepare(Owner.deployment(), operator, written);
  }

  /**
   * Notes that a client at this issuer belongs to the deployment, if nothing is known about it there. It gets no
   * secret.
   */
  public void reserveForAll(Issuer issuer, ClientId id) {
    var owner = Owner.deployment();
    boolean known = issuer.spellings().stream()
        .anyMatch(spelling -> registrations.find(owner, spelling, id).isPresent());
    if (known) return;
    var client = new ClientIdentity(owner, ClientIdentity.Origin.PREREGISTERED, id, ClientAuthenticationMethod.NONE);
    registrations.keep(new ClientRegistration(issuer, client, List.of(), Scopes.none(), null));
  }

  private Keeping prepare(Owner owner, UserId caller, Given written) {
    var given = asKept(owner, written);
    var known = registrations.find(owner, given.issuer(), given.id());
    if (known.isEmpty()) RegistrationLease.requireRoom(registrations, owner);
    // Each issuer costs a secret, and a user can invent any number of issuers.
    if (given.secret() != null) budget.take(caller);
    return new Keeping(owner, given, known);
  }

  /**
   * Stores the record that names a client, then the client. Where the record cannot be stored, because another call has
   * changed it, the secret of that other call must stay. So two calls that bring a secret do both under one lease. Where
   * the client cannot be stored, the record is taken back.
   *
   * @param record stores the record; it fails if it cannot
   * @param takeBack takes back what the record has returned
   * @return what the record has returned
   */
  public <T> T keep(Keeping keeping, Supplier<T> record, Consumer<T> takeBack, Deadline deadline) {
    var given = keeping.given();
    T stored = given.secret() == null
        ? record.get()
        : keepSecret(keeping.owner(), given, given.secret(), new RecordWrite<>(record, takeBack), deadline);
    orTakeBack(stored, takeBack, () -> keepRegistration(keeping));
    return stored;
  }

  private void keepRegistration(Keeping keeping) {
    var given = keeping.given();
    if (given.secret() == null && isRegisteredOtherwise(given, keeping.known())) return;
    var client = new ClientIdentity(keeping.owner(), ClientIdentity.Origin.PREREGISTERED, given.id(),
        method(given, keeping.hasSecret()));
    registrations.keep(new ClientRegistration(given.issuer(), client,
        given.redirectUri() == null ? List.of() : List.of(given.redirectUri()), Scopes.none(), null));
  }

  /** Restores the former description of a client that was known before. */
  public void restore(Keeping keeping) {
    boolean untouched = keeping.given().secret() == null && isRegisteredOtherwise(keeping.given(), keeping.known());
    if (!untouched) keeping.known().ifPresent(registrations::keep);
  }

  /**
   * Whether this would change the secret of a client that is known already. The former secret could not be brought
   * back then.
   */
  public boolean changesSecret(UserId user, Given written) {
    var secret = written.secret();
    if (secret == null) return false;
    var owner = Owner.of(user);
    var given = asKept(owner, written);
    return registrations.find(owner, given.issuer(), given.id()).isPresent()
        && secrets.findAgain(owner, given.issuer(), given.id()).filter(secret::equals).isEmpty();
  }

  /** The client in the spelling of its issuer under which it is kept already, so that it is kept once. */
  private Given asKept(Owner owner, Given written) {
    var other = written.issuer().otherSpelling();
    boolean kept = registrations.find(owner, written.issuer(), written.id()).isEmpty()
        && registrations.find(owner, other, written.id()).isPresent();
    return kept ? new Given(other, written.id(), written.secret(), written.redirectUri(), written.method()) : written;
  }

  private record RecordWrite<T>(Supplier<T> record, Consumer<T> takeBack) {}

  private <T> T keepSecret(Owner owner, Given given, ClientSecret secret, RecordWrite<T> write, Deadline deadline) {
    return lease.during(owner, given.issuer(), deadline, () -> {
      // Another user may have registered this client, and must not end it for this user. Without a secret it could be
      // the public client of any user, and the mere name of a client must not decide what happens to it.
      holding.holdByHand(owner, given.issuer(), given.id());
      T stored = write.record().get();
      orTakeBack(stored, write.takeBack(), () -> secrets.keep(owner, given.issuer(), given.id(), secret));
      return stored;
    });
  }

  private static <T> void orTakeBack(T stored, Consumer<T> takeBack, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      try {
        takeBack.accept(stored);
      } catch (RuntimeException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      throw e;
    }
  }

  /** A client from register-client or of the deployment is known better than a server record can describe it. */
  private boolean isRegisteredOtherwise(Given given, Optional<ClientRegistration> known) {
    return known.or(() -> registrations.find(Owner.deployment(), given.issuer(), given.id()))
        .filter(r -> r.client().origin() != ClientIdentity.Origin.PREREGISTERED).isPresent();
  }

  /** The method if nothing better is known. With a secret it is Basic, the default of RFC 8414 §2. */
  private static ClientAuthenticationMethod method(Given given, boolean secret) {
    if (!secret) return ClientAuthenticationMethod.NONE;
    return Optional.ofNullable(given.method()).filter(method -> method != ClientAuthenticationMethod.NONE)
        .orElse(ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
  }
}
