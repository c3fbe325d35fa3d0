package social.avatarai.mcp.lambda;

import social.avatarai.mcp.Journal;
import social.avatarai.mcp.record.BuiltInGrants;
import social.avatarai.mcp.record.RecordFollower;
import social.avatarai.mcp.token.AccountChanges;
import social.avatarai.mcp.token.CallerRefresh;
import social.avatarai.mcp.token.GrantFinder;
import social.avatarai.mcp.token.GrantUse;
import social.avatarai.mcp.token.GrantWriter;
import social.avatarai.mcp.token.HeldGrants;
import social.avatarai.mcp.token.KeptTokens;
import social.avatarai.mcp.token.RefreshRecorder;
import social.avatarai.mcp.token.RefreshTiming;
import social.avatarai.mcp.token.Refresher;
import social.avatarai.mcp.token.ReplacedGrants;
import social.avatarai.mcp.token.Revocation;
import social.avatarai.mcp.token.RevocationEndpoint;
import social.avatarai.mcp.token.ScheduledRefresh;
import social.avatarai.mcp.token.StoreRetry;
import social.avatarai.mcp.token.TokenEndpoint;
import social.avatarai.mcp.token.TokenEndpointFollower;
import social.avatarai.mcp.token.UsedSecrets;
import social.avatarai.mcp.token.UserinfoEndpoint;
import social.avatarai.mcp.token.WaitingEnds;

/** The steps that get, refresh and revoke tokens. */
final class TokenWiring {
  private final Platform platform;
  private final Journal journal;
  private final StoreWiring stores;
  private final DiscoveryWiring discovery;
  private final RegistrationWiring registration;
  private final McpWiring mcp;
  private final Once once = new Once();

  TokenWiring(Platform platform, Journal journal, StoreWiring stores, DiscoveryWiring discovery,
      RegistrationWiring registration, McpWiring mcp) {
    this.platform = platform;
    this.journal = journal;
    this.stores = stores;
    this.discovery = discovery;
    this.registration = registration;
    this.mcp = mcp;
  }

  TokenEndpoint endpoint() {
    return once.get(TokenEndpoint.class,
        () -> new TokenEndpoint(discovery.outbound(), discovery.rules(), platform.clock(), journal));
  }

  UserinfoEndpoint userinfo() {
    return once.get(UserinfoEndpoint.class, () -> new UserinfoEndpoint(discovery.outbound(),
        discovery.rules().profiles(), platform.clock(), journal));
  }

  RevocationEndpoint revocationEndpoint() {
    return once.get(RevocationEndpoint.class,
        () -> new RevocationEndpoint(discovery.discovery(), discovery.rules().profiles(), registration.credentials(),
            discovery.outbound(), journal));
  }

  KeptTokens keptTokens() {
    return once.get(KeptTokens.class,
        () -> new KeptTokens(stores.replacedTokens(), revocationEndpoint(), platform.clock(), journal));
  }

  WaitingEnds waitingEnds() {
    return once.get(WaitingEnds.class, () -> new WaitingEnds(stores.grants(), stores.waitingGrants(), keptTokens(),
        platform.clock(), journal));
  }

  AccountChanges accountChanges() {
    return once.get(AccountChanges.class, () -> new AccountChanges(stores.grants(), stores.waitingGrants(),
        keptTokens(), waitingEnds(), revocation(), retry(), platform.clock(), journal));
  }

  ReplacedGrants replacedGrants() {
    return once.get(ReplacedGrants.class,
        () -> new ReplacedGrants(keptTokens(), waitingEnds(), mcp.sessions(), journal));
  }

  Revocation revocation() {
    return once.get(Revocation.class,
        () -> new Revocation(keptTokens(), waitingEnds(), stores.grants(), mcp.sessions(), journal));
  }

  StoreRetry retry() {
    return once.get(StoreRetry.class, () -> new StoreRetry(platform.pause(), journal));
  }

  GrantWriter writer() {
    return once.get(GrantWriter.class, () -> new GrantWriter(stores.dueGrants(), retry(), journal));
  }

  HeldGrants heldGrants() {
    return once.get(HeldGrants.class,
        () -> new HeldGrants(stores.grants(), stores.grantSummaries(), revocation(), journal));
  }

  RecordFollower follower() {
    return once.get(RecordFollower.class,
        () -> new RecordFollower(stores.grants(), stores.servers(), stores.dueGrants(), platform.clock()));
  }

  GrantUse grantUse() {
    return once.get(GrantUse.class,
        () -> new BuiltInGrants(stores.builtIns(), heldGrants(), follower(), mcp.sessions()));
  }

  GrantFinder finder() {
    return once.get(GrantFinder.class,
        () -> new GrantFinder(stores.grants(), discovery.rules(), platform.clock(), journal));
  }

  RefreshRecorder recorder() {
    return once.get(RefreshRecorder.class, () -> new RefreshRecorder(stores.grants(), writer(), stores.leases(),
        stores.dueGrants(), stores.registrations(), revocation(), waitingEnds(), RefreshTiming.standard(),
        platform.clock(), journal));
  }

  Refresher refresher() {
    return once.get(Refresher.class,
        () -> new Refresher(new TokenEndpointFollower(endpoint(), discovery.discovery()), registration.credentials(),
            stores.grants(), stores.leases(), recorder(),
            new UsedSecrets(registration.credentials(), stores.cipher(), platform.clock()),
            platform.clock(), discovery.pause()));
  }

  CallerRefresh callerRefresh() {
    return once.get(CallerRefresh.class, () -> new CallerRefresh(stores.grants(), grantUse(), refresher(),
        discovery.discovery(), endpoint(), stores.registrations(), registration.operatorClients(),
        registration.credentials(),
        registration.budget(), discovery.gate(), platform.clock()));
  }

  ScheduledRefresh scheduled() {
    return once.get(ScheduledRefresh.class,
        () -> new ScheduledRefresh(stores.dueGrants(), stores.grants(), follower(), refresher(),
            RefreshTiming.standard(),
            platform.clock(), journal));
  }
}
