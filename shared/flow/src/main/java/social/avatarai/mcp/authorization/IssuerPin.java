package social.avatarai.mcp.authorization;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
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
 * The one issuer of a connection. A grant is replaced by a grant of another issuer only if the caller says so, or if
 * the connection's own server has left the issuer. Otherwise any server that claims the same resource could bring its
 * own issuer and replace the grant.
 *
 * <p>A grant that needs a new consent is still a grant.
 *
 * <p>The connection of a resource alone also keeps the server's URL at which its grant was given. The server there is
 * the connection's own server, which may migrate. Otherwise another server of the same resource could become its own
 * server with a consent at the same issuer, and then bring its own issuer.
 */
public final class IssuerPin {
  /** The most time that a start waits for the connection's own server to refuse the token. */
  private static final Duration FOR_THE_SERVER = Duration.ofSeconds(8);

  /** The most issuers of a resource that are tried after the first one. */
  static final int MAX_OTHERS = 3;

  private final Grants grants;
  private final IssuerRules rules;
  private final IssuerMigration migration;
  private final HeldTokenProber prober;
  private final Clock clock;

  /** Sends the token of a grant to the grant's own server, to see whether the server refuses it. */
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

  /** The same under other rules. */
  IssuerPin under(IssuerRules other) {
    return new IssuerPin(grants, other, migration, prober, clock);
  }

  /**
   * Where a flow goes.
   *
   * @param connection the user, and the connection that the grant will belong to
   * @param resource the resource, with the server's URL as the connection has it
   * @param issuer the authorization server
   * @param start the start, with what the new grant really may replace, and with the word of the user's record only where
   *        that word is what binds the issuer
   * @param isFirst whether the connection has no grant yet
   * @param others the issuers to use instead, in this order, if the issuer cannot be used
   */
  record Pinned(ConnectionKey connection, DiscoveredResource resource, Issuer issuer, AuthorizationStart start,
      boolean isFirst, List<Issuer> others) {
    Pinned at(Issuer other) {
      return new Pinned(connection, resource, other, start, isFirst, others);
    }

    /** The word of the user's record that binds the issuer; empty if something else binds it. */
    Optional<RecordedIssuer> recorded() {
      return Optional.ofNullable(start.recorded());
    }

    Pinned withoutSecret() {
      var client = start.client().authenticatingBy(ClientAuthenticationMethod.NONE);
      return new Pinned(connection, resource, issuer, start.as(client), isFirst, others);
    }
  }

  /**
   * Chooses the issuer of a flow; {@code issuer_conflict} if the connection has a grant of another issuer,
   * {@code server_conflict} if the connection of a resource has a grant that was given at another URL of the resource.
   */
  Pinned choose(ConnectionKey connection, DiscoveredResource resource, AuthorizationStart start, Deadline deadline) {
    var held = grants.origin(connection);
    var issuer = issuer(resource, start, held);
    var recorded = requireBound(resource, issuer, start);
    rules.requireExact(resource);
    var replaceable = ofEitherSpelling(resource, held, issuer).map(start.replaceable()::or)
        .orElseGet(() -> replaceable(start.replaceable(), held, issuer,
            () -> hasMigrated(connection, issuer, start, deadline)));
    boolean pinsUrl = connection.connection().isOfResource() && !(start.replaceable() instanceof Replaceable.AnyIssuer);
    var pinned = pinsUrl ? held.map(grant -> ofSameServer(resource, grant)).orElse(resource) : resource;
    return new Pinned(connection, pinned, issuer, start.replacing(replaceable).recording(recorded),
        held.isEmpty(), others(resource, start, held, issuer));
  }

  /** Refuses a start whose issuer nothing binds to the resource: {@code issuer_not_bound}. */
  void requireBound(DiscoveredResource resource, AuthorizationStart start) {
    if (start.issuer() != null) requireBound(resource, spelled(resource, start, start.issuer()), start);
  }

  /**
   * The spelling of the issuer that a start names. Where the record states the endpoints, no metadata is asked for, so
   * what the resource says of the issuer changes neither its redirect URI nor its account.
   */
  private Issuer spelled(DiscoveredResource resource, AuthorizationStart start, Issuer named) {
    boolean statesEndpoints = start.recorded() != null && start.recorded().endpoints() != null;
    return statesEndpoints ? rules.profiled(named) : rules.published(resource, named);
  }

  /** The word of the user's record where the flow follows it; null where something else binds the issuer. */
  private @Nullable RecordedIssuer requireBound(DiscoveredResource resource, Issuer issuer, AuthorizationStart start) {
    var recorded = recorded(resource, issuer, start);
    if (recorded != null) return recorded;
    rules.requireBound(resource, issuer);
    if (start.recorded() != null && start.recorded().endpoints() != null) throw RecordedIssuer.unusedEndpoints();
    return null;
  }

  /** The word of the user's record where the flow follows it; null if it does not. */
  private @Nullable RecordedIssuer recorded(DiscoveredResource resource, Issuer issuer, AuthorizationStart start) {
    var recorded = start.recorded();
    boolean follows = recorded != null && recorded.issuer().means(issuer)
        && rules.followsRecord(resource, issuer, recorded.endpoints() != null);
    return follows ? recorded : null;
  }

  /**
   * The issuers that the resource's metadata names after this one. There are none where the caller, the operator or the
   * connection's grant has chosen the issuer, or where the caller names a client, because a client belongs to one issuer.
   */
  private List<Issuer> others(DiscoveredResource resource, AuthorizationStart start, Optional<GrantOrigin> held,
      Issuer chosen) {
    boolean isChosen = start.issuer() != null || start.client().named().isPresent()
        || rules.isBoundByOperator(resource.server()) || held.filter(grant -> !start.replaceable().covers(grant))
            .isPresent();
    if (isChosen) return List.of();
    return resource.issuers().stream().distinct().filter(issuer -> rules.isBound(resource, issuer))
        .dropWhile(issuer -> !issuer.equals(chosen)).skip(1).limit(MAX_OTHERS).toList();
  }

  /**
   * For a server of the registry, the record decides the URL. For a resource alone, the grant of its connection does.
   */
  private static DiscoveredResource ofSameServer(DiscoveredResource resource, GrantOrigin held) {
    var server = resource.server();
    // The query leads to the same server, and is not known before the grant is opened.
    if (!held.serverUrl().isSame(server.withoutQuery())) throw GrantTarget.serverConflict();
    // The write of the grant compares the URL as text.
    return resource.spelledAs(held.serverUrl().withQueryPart(server.queryPart()));
  }

  /**
   * The issuer that is named; else the issuer of the grant, if the resource still names it; else the resource's first.
   */
  private Issuer issuer(DiscoveredResource resource, AuthorizationStart start, Optional<GrantOrigin> held) {
    if (start.issuer() != null) {
      var written = spelled(resource, start, start.issuer());
      return held.map(GrantOrigin::issuer).filter(written::means).filter(_ -> !resource.issuers().contains(written))
          .orElse(written);
    }
    return held.filter(grant -> !start.replaceable().covers(grant)).map(GrantOrigin::issuer)
        .filter(issuer -> rules.isBound(resource, issuer)).map(issuer -> rules.published(resource, issuer))
        .orElseGet(() -> rules.issuerOf(resource));
  }

  /**
   * The grant that may be replaced because the operator or a profile means its issuer and this one, in whatever spelling.
   * It is named even if both are spelled alike: the issuer's own metadata, which is read later, may have the other one.
   */
  private Optional<Replaceable> ofEitherSpelling(DiscoveredResource resource, Optional<GrantOrigin> held,
      Issuer issuer) {
    return held.filter(grant -> rules.meansBoth(resource.server(), grant.issuer(), issuer))
        .map(grant -> new Replaceable.MigratedGrant(grant.grant()));
  }

  private static Replaceable replaceable(Replaceable allowed, Optional<GrantOrigin> held, Issuer issuer,
      BooleanSupplier hasMigrated) {
    if (allowed instanceof Replaceable.AnyIssuer) return allowed;
    if (held.isEmpty() || held.get().issuer().equals(issuer)) return new Replaceable.SameIssuer();
    if (allowed.covers(held.get()) || hasMigrated.getAsBoolean()) {
      return new Replaceable.MigratedGrant(held.get().grant());
    }
    throw conflict();
  }

  /** Whether the grant's own server refuses the token now, and names this issuer instead of the grant's issuer. */
  private boolean hasMigrated(ConnectionKey connection, Issuer to, AuthorizationStart start, Deadline deadline) {
    try {
      return grants.read(connection).filter(this::isRefusalMeaningful)
          .flatMap(held -> findMigration(held, Deadline.in(deadline.remaining(FOR_THE_SERVER))))
          .filter(fresh -> rules.isBound(fresh, to) || recorded(fresh, to, start) != null).isPresent();
    } catch (Failure.Crowded e) {
      throw e;
    } catch (Failure e) {
      // The server cannot be asked, or the grant cannot be opened: a migration is not proven.
      return false;
    }
  }

  /**
   * Every server refuses an expired token. If the token could be renewed, its refusal proves nothing about the issuer.
   */
  private boolean isRefusalMeaningful(Grant held) {
    boolean renewable = held.tokens().refreshToken() != null && !held.state().needsReauthorization();
    return !renewable || !held.tokens().isExpired(clock.instant());
  }

  private Optional<DiscoveredResource> findMigration(Grant held, Deadline deadline) {
    var refusal = prober.probe(held, deadline);
    if (refusal.status() != 401) return Optional.empty();
    return migration.away(held.target().issuer(), held.target().serverUrl(), refusal, deadline);
  }

  private static Failure conflict() {
    return new Failure.BadRequest(ErrorCode.ISSUER_CONFLICT, "The connection has a grant of another authorization "
        + "server: disconnect it first, or start with replace=true to put the new grant in its place.");
  }
}
