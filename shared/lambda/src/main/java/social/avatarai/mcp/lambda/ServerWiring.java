package social.avatarai.mcp.lambda;

import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.StdioName;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.server.BuiltInClients;
import social.avatarai.mcp.server.BuiltInRegistry;
import social.avatarai.mcp.server.ConnectionViews;
import social.avatarai.mcp.server.Connections;
import social.avatarai.mcp.server.Connector;
import social.avatarai.mcp.server.LiveGrants;
import social.avatarai.mcp.server.OfferSync;
import social.avatarai.mcp.server.RecordEnding;
import social.avatarai.mcp.server.RecordGrants;
import social.avatarai.mcp.server.RecordIssuers;
import social.avatarai.mcp.server.RecordOffers;
import social.avatarai.mcp.server.RecordUndo;
import social.avatarai.mcp.server.RecordViews;
import social.avatarai.mcp.server.RecordedServers;
import social.avatarai.mcp.server.ServerImport;
import social.avatarai.mcp.server.ServerRegistry;
import social.avatarai.mcp.server.UserClients;
import social.avatarai.mcp.server.UserDeletion;

/** The registry of users' servers, the connections of users, and the deletion of a user. */
final class ServerWiring {
  private final Platform platform;
  private final Journal journal;
  private final Profiles profiles;
  private final StoreWiring stores;
  private final DiscoveryWiring discovery;
  private final RegistrationWiring registration;
  private final TokenWiring tokens;
  private final ResourceWiring resources;
  private final AuthorizationWiring authorization;
  private final Once once = new Once();

  ServerWiring(Platform platform, Journal journal, Profiles profiles, StoreWiring stores, DiscoveryWiring discovery,
      RegistrationWiring registration, TokenWiring tokens, ResourceWiring resources,
      AuthorizationWiring authorization) {
    this.platform = platform;
    this.journal = journal;
    this.profiles = profiles;
    this.stores = stores;
    this.discovery = discovery;
    this.registration = registration;
    this.tokens = tokens;
    this.resources = resources;
    this.authorization = authorization;
  }

  ConnectionViews views() {
    return once.get(ConnectionViews.class,
        () -> new ConnectionViews(this::isReachable, platform.clock()));
  }

  private boolean isReachable(EndpointUrl url) {
    return StdioName.of(url).map(platform.stdioServers().names()::contains)
        .orElseGet(() -> discovery.addressPolicy().admits(url));
  }

  UserClients userClients() {
    return once.get(UserClients.class,
        () -> new UserClients(registration.deregistration(), stores.grants(), stores.servers(), journal));
  }

  private RecordGrants recordGrants() {
    return once.get(RecordGrants.class,
        () -> new RecordGrants(stores.grants(), tokens.heldGrants(), stores.servers(), tokens.follower(),
            tokens.revocation(), resources.sessions(), userClients(), journal));
  }

  RecordedServers recordedServers() {
    return once.get(RecordedServers.class,
        () -> new RecordedServers(stores.servers(), stores.grants(), resources.sessions(), views()));
  }

  private RecordOffers recordOffers() {
    return once.get(RecordOffers.class, () -> new RecordOffers(stores.serverOffers(), journal));
  }

  RecordViews recordViews() {
    return once.get(RecordViews.class,
        () -> new RecordViews(stores.servers(), stores.grantSummaries(), views(), recordOffers(), journal));
  }

  ServerRegistry registry() {
    return once.get(ServerRegistry.class,
        () -> new ServerRegistry(stores.servers(), recordedServers(), recordViews(), recordGrants(),
            registration.preregistered(), resources.sessions(), userClients(), profiles, recordOffers(), liveGrants(),
            platform.clock(), journal));
  }

  RecordEnding recordEnding() {
    return once.get(RecordEnding.class,
        () -> new RecordEnding(stores.servers(), registry(), recordedServers(), recordGrants(), tokens.revocation(),
            resources.sessions(), userClients(), recordOffers()));
  }

  private LiveGrants liveGrants() {
    return once.get(LiveGrants.class,
        () -> new LiveGrants(new RecordIssuers(discovery.discovery(), registration.budget(), platform.clock()),
            discovery.discovery(), discovery.rules(), registration.importedClients(), authorization.importedGrants(),
            stores.servers(), views(), authorization.notes(), platform.clock(), journal));
  }

  ServerImport serverImport() {
    return once.get(ServerImport.class,
        () -> new ServerImport(registry(), builtIns(), recordUndo(), profiles, journal));
  }

  private RecordUndo recordUndo() {
    return once.get(RecordUndo.class,
        () -> new RecordUndo(registry(), recordGrants(), stores.grants(), authorization.importedGrants(),
            registration.preregistered(), userClients(), journal));
  }

  BuiltInRegistry builtIns() {
    return once.get(BuiltInRegistry.class, () -> new BuiltInRegistry(stores.builtIns(), stores.servers(), registry(),
        recordViews(),
        new BuiltInClients(stores.builtIns(), registration.preregistered(), registration.deregistration(), journal),
        registration.preregistered(), profiles, journal));
  }

  OfferSync offers() {
    return once.get(OfferSync.class,
        () -> new OfferSync(stores.serverOffers(), recordedServers(), stores.grants(), resources.access(),
            registration.budget(), platform.clock(), journal));
  }

  Connector connector() {
    return once.get(Connector.class,
        () -> new Connector(recordedServers(), recordGrants(), views(), authorization.notes(), tokens.heldGrants(),
            resources.access(), resources.client(), discovery.discovery(),
            authorization.starter(), registration.budget(), offers()));
  }

  Connections connections() {
    return once.get(Connections.class,
        () -> new Connections(stores.serverSummaries(), stores.grantSummaries(), views(), journal));
  }

  UserDeletion deletion() {
    return once.get(UserDeletion.class,
        () -> new UserDeletion(stores.grants(), tokens.heldGrants(), stores.replacedTokens(), stores.waitingGrants(),
            tokens.revocation(),
            resources.sessions(), stores.registrations(), registration.deregistration(), stores.servers(),
            stores.builtIns(), stores.serverOffers(), platform.clock(), journal));
  }
}
