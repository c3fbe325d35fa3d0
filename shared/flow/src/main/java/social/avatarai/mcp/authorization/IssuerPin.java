package social.avatarai.mcp.authorization;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.authorization.AuthorizationStarter.Beginning;
import social.avatarai.mcp.discovery.DiscoveredResource;
import social.avatarai.mcp.discovery.Discovery.Probe;
import social.avatarai.mcp.discovery.IssuerMigration;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantOrigin;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Replaceable;

/**
 * The one issuer of a connection: a grant is replaced by a grant of another issuer only if the caller says so, or if the
 * connection's own server has left the issuer. Otherwise any server that claims the same resource could bring an issuer of
 * its own and take the place of the grant.
 *
 * <p>A grant that needs a new consent is still a grant.
 *
 * <p>The connection of a resource alone also keeps the server's URL at which its grant was given. The server there is the
 * connection's own server, which may migrate. Otherwise another server of the same resource could take that place with a
 * consent at the same issuer, and then bring an issuer of its own.
 */
public final class IssuerPin {
  /** What the connection's own server may take of a start to refuse its token. */
  private static final Duration FOR_THE_SERVER = Duration.ofSeconds(8);

  private final Grants grants;
  private final IssuerRules rules;
  private final IssuerMigration migration;
  private final HeldTokenProber prober;
  private final Clock clock;

  /** Shows the token of a grant to the grant's own server, to see whether it is refused. */
  @FunctionalInterface
  public interface HeldTokenProber {
    Probe probe(Grant held, Deadline deadline);
  }

  public IssuerPin(Grants grants, IssuerRules rules, IssuerMigration migration, HeldTokenProber prober, Clock clock) {
    this.grants = grants;
    this.rules = rules;
    this.migration = migration;
    this.prober = prober;
    this.clock = clock;
  }

  /**
   * Where a flow goes.
   *
   * @param issuer the authorization server
   * @param replaceable what the grant of its consent may take the place of
   * @param resource the resource, with the server's URL as the connection has it
   */
  record Choice(Issuer issuer, Replaceable replaceable, DiscoveredResource resource) {}

  /**
   * Chooses the issuer of a flow; {@code issuer_conflict} where the connection has a grant of another issuer,
   * {@code server_conflict} where the connection of a resource has a grant that was given at another URL of it.
   */
  Choice choose(Beginning beginning, Deadline deadline) {
    var held = grants.origin(beginning.connection());
    var issuer = issuer(beginning, held);
    rules.requireBound(beginning.resource(), issuer);
    var replaceable = replaceable(beginning, held, issuer, deadline);
    return new Choice(issuer, replaceable, ofSameServer(beginning, held));
  }

  /** A record says where a server of the registry is; for a resource alone, the grant of its connection does. */
  private static DiscoveredResource ofSameServer(Beginning beginning, Optional<GrantOrigin> held) {
    var resource = beginning.resource();
    boolean free = held.isEmpty() || beginning.replaceable() instanceof Replaceable.AnyIssuer
        || !beginning.connection().connection().isOfResource();
    if (free) return resource;
    if (!held.get().serverUrl().isSame(resource.server())) throw GrantTarget.serverConflict();
    // The write of the grant compares the URL as text.
    return resource.spelledAs(held.get().serverUrl());
  }

  /** The issuer that is named; else the one of the grant, as long as it is the resource's; else the resource's first. */
  private Issuer issuer(Beginning beginning, Optional<GrantOrigin> held) {
    if (beginning.issuer() != null) return beginning.issuer();
    var resource = beginning.resource();
    return held.filter(grant -> !beginning.replaceable().covers(grant)).map(GrantOrigin::issuer)
        .filter(issuer -> rules.isBound(resource, issuer)).orElseGet(() -> rules.issuerOf(resource));
  }

  private Replaceable replaceable(Beginning beginning, Optional<GrantOrigin> held, Issuer issuer, Deadline deadline) {
    var given = beginning.replaceable();
    if (given instanceof Replaceable.AnyIssuer) return given;
    if (held.isEmpty() || held.get().issuer().equals(issuer)) return new Replaceable.SameIssuer();
    if (given.covers(held.get()) || hasMigrated(beginning.connection(), issuer, deadline)) {
      return new Replaceable.MigratedGrant(held.get().grant());
    }
    throw conflict();
  }

  /** Whether the grant's own server refuses its token now, and names this issuer in the place of the grant's. */
  private boolean hasMigrated(ConnectionKey connection, Issuer to, Deadline deadline) {
    try {
      return grants.read(connection).filter(this::provesRefusal)
          .flatMap(held -> leaving(held, Deadline.in(deadline.remaining(FOR_THE_SERVER))))
          .filter(fresh -> rules.isBound(fresh, to)).isPresent();
    } catch (Failure e) {
      // The server cannot be asked, or the grant cannot be opened: nothing speaks for a migration.
      return false;
    }
  }

  /** A token that is past its end, and could be renewed, is refused by every server: that says nothing of its issuer. */
  private boolean provesRefusal(Grant held) {
    boolean renewable = held.tokens().refreshToken() != null && !held.state().needsReauthorization();
    return !renewable || !held.tokens().isExpired(clock.instant());
  }

  private Optional<DiscoveredResource> leaving(Grant held, Deadline deadline) {
    var refusal = prober.probe(held, deadline);
    if (refusal.status() != 401) return Optional.empty();
    return migration.away(held.target().issuer(), held.target().serverUrl(), refusal, deadline);
  }

  private static Failure conflict() {
    return new Failure.BadRequest(ErrorCode.ISSUER_CONFLICT, "The connection has a grant of another authorization "
        + "server: disconnect it first, or start with replace=true to put the new grant in its place.");
  }
}
