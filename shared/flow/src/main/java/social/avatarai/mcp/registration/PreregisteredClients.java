package social.avatarai.mcp.registration;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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

/**
 * Takes the client that a user has registered by hand at an issuer: its secret goes to the secret store, and it becomes
 * the user's registration there, for this user and this issuer alone.
 */
public final class PreregisteredClients {
  /** Less time than this is too little to keep a secret in. */
  private static final Duration MIN_TO_KEEP_SECRET = Duration.ofSeconds(3);

  private final Registrations registrations;
  private final ClientSecrets secrets;
  private final StartQuota quota;
  private final Clock clock;
  private final RegistrationLease lease;

  public PreregisteredClients(Registrations registrations, ClientSecrets secrets, StartQuota quota, Clock clock,
      Pause pause) {
    this.registrations = registrations;
    this.secrets = secrets;
    this.quota = quota;
    this.clock = clock;
    this.lease = new RegistrationLease(registrations, clock, pause);
  }

  /**
   * A client.
   *
   * @param issuer the only issuer it is used at
   * @param id its identifier there
   * @param secret its secret; null for none, or for the one that is kept already
   * @param redirectUri the redirect URI it was registered with; null when nobody has said
   * @param method how it authenticates; null when nobody has said
   */
  public record Given(Issuer issuer, ClientId id, @Nullable ClientSecret secret, @Nullable RedirectUri redirectUri,
      @Nullable ClientAuthenticationMethod method) {}

  /** Keeps a client; whether a secret of it is kept. */
  public boolean keep(UserId user, Given given, Deadline deadline) {
    var owner = Owner.of(user);
    var known = registrations.find(owner, given.issuer(), given.id());
    if (known.isEmpty()) RegistrationLease.requireRoom(registrations, owner);
    if (given.secret() != null) keepSecret(user, given, given.secret(), deadline);
    if (given.secret() == null && isRegisteredOtherwise(given, known)) return hasSecret(known);
    boolean secret = given.secret() != null || hasSecret(known);
    var client = new ClientIdentity(owner, ClientIdentity.Origin.PREREGISTERED, given.id(), method(given, secret));
    registrations.keep(new ClientRegistration(given.issuer(), client,
        given.redirectUri() == null ? List.of() : List.of(given.redirectUri()), Scopes.none(), null));
    return secret;
  }

  private void keepSecret(UserId user, Given given, ClientSecret secret, Deadline deadline) {
    // Each issuer costs a secret, and issuers are for anybody to invent.
    var now = clock.instant();
    if (!quota.take(user, now)) throw StartQuota.exceeded("Too many client secrets; try again in the next hour.", now);
    var owner = Owner.of(user);
    while (!lease.acquire(owner, given.issuer()))
      lease.waitFor(deadline, MIN_TO_KEEP_SECRET);
    try {
      secrets.keep(owner, given.issuer(), given.id(), secret);
    } finally {
      lease.release(owner, given.issuer());
    }
  }

  /** One that register-client has registered knows more of itself than a record says, and so does the deployment's. */
  private boolean isRegisteredOtherwise(Given given, Optional<ClientRegistration> known) {
    return known.or(() -> registrations.find(Owner.deployment(), given.issuer(), given.id()))
        .filter(r -> r.client().origin() != ClientIdentity.Origin.PREREGISTERED).isPresent();
  }

  private static boolean hasSecret(Optional<ClientRegistration> known) {
    return known.filter(r -> r.client().hasStoredSecret()).isPresent();
  }

  /** What the flow goes by where it knows no better: with a secret Basic, the default of RFC 8414 §2. */
  private static ClientAuthenticationMethod method(Given given, boolean secret) {
    if (!secret) return ClientAuthenticationMethod.NONE;
    return Optional.ofNullable(given.method()).filter(method -> method != ClientAuthenticationMethod.NONE)
        .orElse(ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
  }
}
