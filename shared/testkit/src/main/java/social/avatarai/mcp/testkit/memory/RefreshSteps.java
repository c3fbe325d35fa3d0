package social.avatarai.mcp.testkit.memory;

import java.lang.reflect.Proxy;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.discovery.MetadataCache;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.discovery.Strictness;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.registration.ClientSecrets;
import social.avatarai.mcp.registration.CredentialSource;
import social.avatarai.mcp.registration.OperatorClients;
import social.avatarai.mcp.registration.OperatorSecrets;
import social.avatarai.mcp.registration.Registrations;
import social.avatarai.mcp.token.DueGrants;
import social.avatarai.mcp.token.GrantWriter;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.KeptTokens;
import social.avatarai.mcp.token.Leases;
import social.avatarai.mcp.token.RefreshRecorder;
import social.avatarai.mcp.token.RefreshTiming;
import social.avatarai.mcp.token.Refresher;
import social.avatarai.mcp.token.ReplacedTokens;
import social.avatarai.mcp.token.Revocation;
import social.avatarai.mcp.token.RevocationEndpoint;
import social.avatarai.mcp.token.ScheduledRefresh;
import social.avatarai.mcp.token.ServerSessions;
import social.avatarai.mcp.token.StoreRetry;
import social.avatarai.mcp.token.TokenEndpoint;
import social.avatarai.mcp.token.TokenEndpointFollower;
import social.avatarai.mcp.token.UsedSecrets;
import social.avatarai.mcp.token.WaitingEnds;
import social.avatarai.mcp.token.WaitingGrants;
import social.avatarai.mcp.vault.SecretVault;
import social.avatarai.mcp.vault.TokenCipher;

/**
 * The real refresh code of one process, for grants of clients without a secret.
 *
 * @param stores the stores, which other processes may share
 * @param issuers how the process reaches its issuers
 * @param clock the clock of the process
 * @param pause how the process waits
 * @param random where the jitter of due times and waits comes from
 * @param journal the log
 */
public record RefreshSteps(Stores stores, Outbound issuers, Clock clock, Pause pause, RandomGenerator random,
    Journal journal) {

  /**
   * The stores that a refresh uses.
   *
   * @param grants the grants
   * @param dueGrants the due markers
   * @param leases the leases
   */
  public record Stores(Grants grants, DueGrants dueGrants, Leases leases) {}

  public Refresher refresher() {
    var rules = new IssuerRules(new Profiles(List.of()), Map.of(), Set.of(), Set.of(), Strictness.DEFAULT);
    var discovery = new Discovery(issuers, new MetadataCache(clock), clock);
    var credentials = new CredentialSource(new OperatorClients(List.of()),
        new OperatorSecrets(unused(SecretVault.class), clock, journal), unused(ClientSecrets.class));
    var writer = new GrantWriter(stores.dueGrants(), new StoreRetry(pause, journal), journal);
    var kept = new KeptTokens(unused(ReplacedTokens.class),
        new RevocationEndpoint(discovery, rules.profiles(), credentials, issuers, journal), clock, journal);
    var ends = new WaitingEnds(stores.grants(), unused(WaitingGrants.class), kept, clock, journal);
    var revocation = new Revocation(kept, ends, stores.grants(), unused(ServerSessions.class), journal);
    var recorder = new RefreshRecorder(stores.grants(), writer, stores.leases(), stores.dueGrants(),
        unused(Registrations.class), revocation, ends, timing(), clock, journal);
    return new Refresher(new TokenEndpointFollower(new TokenEndpoint(issuers, rules, clock, journal), discovery),
        credentials, stores.grants(), stores.leases(), recorder,
        new UsedSecrets(credentials, unused(TokenCipher.class), clock),
        clock, pause);
  }

  public ScheduledRefresh scheduled() {
    return new ScheduledRefresh(stores.dueGrants(), stores.grants(), grant -> grant, refresher(), timing(), clock,
        journal);
  }

  /**
   * The schedule with another way to run its attempts.
   *
   * @param threads runs each attempt. It may run the attempt before it returns
   */
  public ScheduledRefresh scheduled(Executor threads) {
    return new ScheduledRefresh(stores.dueGrants(), stores.grants(), grant -> grant, refresher(), timing(), clock,
        journal, threads);
  }

  private RefreshTiming timing() {
    return new RefreshTiming(random);
  }

  /** A store that no such grant needs. */
  private static <T> T unused(Class<T> type) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[]{type}, (_, method, _) -> {
      throw new AssertionError("not needed: " + type.getSimpleName() + "." + method.getName());
    }));
  }
}
