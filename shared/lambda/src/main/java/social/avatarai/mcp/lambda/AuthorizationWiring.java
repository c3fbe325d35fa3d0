package social.avatarai.mcp.lambda;

import social.avatarai.mcp.Journal;
import social.avatarai.mcp.authorization.AccountDecisions;
import social.avatarai.mcp.authorization.AuthorizationStarter;
import social.avatarai.mcp.authorization.Callback;
import social.avatarai.mcp.authorization.ConsentWriter;
import social.avatarai.mcp.authorization.ContinuedGrant;
import social.avatarai.mcp.authorization.GrantKeeper;
import social.avatarai.mcp.authorization.ImportedGrants;
import social.avatarai.mcp.authorization.IssuerPin;
import social.avatarai.mcp.authorization.PushedAuthorization;
import social.avatarai.mcp.authorization.Redemption;
import social.avatarai.mcp.authorization.ReturnTo;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.record.ConnectionNotes;
import social.avatarai.mcp.token.GrantBudget;
import social.avatarai.mcp.token.PushedRequestEndpoint;

/** The steps that send a user to consent and keep the grant that follows. */
final class AuthorizationWiring {
  private final Settings settings;
  private final Platform platform;
  private final Journal journal;
  private final Profiles profiles;
  private final StoreWiring stores;
  private final DiscoveryWiring discovery;
  private final RegistrationWiring registration;
  private final TokenWiring tokens;
  private final ResourceWiring resources;
  private final Once once = new Once();

  AuthorizationWiring(Settings settings, Platform platform, Journal journal, Profiles profiles, StoreWiring stores,
      DiscoveryWiring discovery, RegistrationWiring registration, TokenWiring tokens, ResourceWiring resources) {
    this.settings = settings;
    this.platform = platform;
    this.journal = journal;
    this.profiles = profiles;
    this.stores = stores;
    this.discovery = discovery;
    this.registration = registration;
    this.tokens = tokens;
    this.resources = resources;
  }

  IssuerPin pin() {
    return once.get(IssuerPin.class, () -> new IssuerPin(stores.grants(), discovery.rules(), discovery.migration(),
        resources.client()::probe, platform.clock()));
  }

  AuthorizationStarter starter() {
    return once.get(AuthorizationStarter.class, () -> new AuthorizationStarter(discovery.discovery(), discovery.rules(),
        pin(), registration.selector(), registration.ownClients(), pushed(), discovery.outbound(), stores.sessions(),
        registration.budget(), grantBudget(), platform.clock()));
  }

  GrantBudget grantBudget() {
    return once.get(GrantBudget.class,
        () -> new GrantBudget(stores.grants(), stores.requestCounter(), settings.budgets(), platform.clock()));
  }

  PushedAuthorization pushed() {
    return once.get(PushedAuthorization.class,
        () -> new PushedAuthorization(new PushedRequestEndpoint(discovery.outbound(), platform.clock()),
            registration.credentials(), stores.registrations()));
  }

  ReturnTo returnTo() {
    return once.get(ReturnTo.class, () -> new ReturnTo(settings.returnTo()));
  }

  ConnectionNotes notes() {
    return once.get(ConnectionNotes.class, () -> new ConnectionNotes(stores.servers(), platform.clock(), journal));
  }

  ConsentWriter consentWriter() {
    return once.get(ConsentWriter.class,
        () -> new ConsentWriter(stores.grants(), tokens.writer(), tokens.replacedGrants(), tokens.revocation(),
            profiles, new ContinuedGrant(stores.grants(), stores.leases(), tokens.writer(), tokens.retry(),
                tokens.replacedGrants(), resources.sessions(), platform.clock(), platform.pause()),
            tokens.accountChanges()));
  }

  GrantKeeper keeper() {
    return once.get(GrantKeeper.class,
        () -> new GrantKeeper(consentWriter(), stores.grants(), stores.servers(), tokens.follower(),
            tokens.revocation(), notes(), tokens.retry(), grantBudget()));
  }

  AccountDecisions accountDecisions() {
    return once.get(AccountDecisions.class, () -> new AccountDecisions(tokens.accountChanges(), keeper(), notes()));
  }

  ImportedGrants importedGrants() {
    return once.get(ImportedGrants.class, () -> new ImportedGrants(stores.grants(), tokens.writer(),
        tokens.replacedGrants(), stores.servers(), tokens.follower(), grantBudget(), platform.clock()));
  }

  Redemption redemption() {
    return once.get(Redemption.class, () -> new Redemption(tokens.endpoint(), registration.credentials(),
        tokens.userinfo(), keeper(),
        stores.registrations(), platform.clock()));
  }

  Callback callback() {
    return once.get(Callback.class,
        () -> new Callback(stores.sessions(), redemption(), profiles, stores.registrations(), notes(),
            discovery.gate(), platform.bindsSessions(), platform.clock(), platform.pause(), journal));
  }
}
