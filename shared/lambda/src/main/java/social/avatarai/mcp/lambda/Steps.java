package social.avatarai.mcp.lambda;

import social.avatarai.mcp.Journal;
import social.avatarai.mcp.authorization.AccountDecisions;
import social.avatarai.mcp.authorization.AuthorizationStarter;
import social.avatarai.mcp.authorization.Callback;
import social.avatarai.mcp.authorization.ReturnTo;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.proxy.McpProxy;
import social.avatarai.mcp.record.ConnectionNotes;
import social.avatarai.mcp.registration.CallerRegistration;
import social.avatarai.mcp.registration.ClientMetadata;
import social.avatarai.mcp.registration.RegistrationIssuer;
import social.avatarai.mcp.registration.RequestBudget;
import social.avatarai.mcp.registration.SigningKeys;
import social.avatarai.mcp.resource.GrantedAccess;
import social.avatarai.mcp.resource.McpClient;
import social.avatarai.mcp.server.BuiltInRegistry;
import social.avatarai.mcp.server.Connections;
import social.avatarai.mcp.server.Connector;
import social.avatarai.mcp.server.OfferSync;
import social.avatarai.mcp.server.RecordEnding;
import social.avatarai.mcp.server.RecordViews;
import social.avatarai.mcp.server.RecordedServers;
import social.avatarai.mcp.server.ServerImport;
import social.avatarai.mcp.server.ServerRegistry;
import social.avatarai.mcp.server.UserDeletion;
import social.avatarai.mcp.token.CallerRefresh;
import social.avatarai.mcp.token.GrantFinder;
import social.avatarai.mcp.token.GrantUse;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.ScheduledRefresh;
import social.avatarai.mcp.vault.Reencryption;

/**
 * The steps of the flow. A step is built, with everything it needs, when it is asked for the first time. So a function
 * builds only the steps that its requests use.
 */
final class Steps implements Flow.Steps {
  private final StoreWiring stores;
  private final DiscoveryWiring discovery;
  private final RegistrationWiring registration;
  private final TokenWiring tokens;
  private final ResourceWiring resources;
  private final AuthorizationWiring authorization;
  private final ServerWiring servers;

  Steps(Settings settings, Profiles profiles, Platform platform, Journal journal) {
    this.stores = new StoreWiring(settings, platform, journal);
    this.discovery = new DiscoveryWiring(settings, platform, profiles, journal, stores);
    this.registration = new RegistrationWiring(settings, platform, journal, stores, discovery);
    var mcp = new McpWiring(platform, journal, discovery);
    this.tokens = new TokenWiring(platform, journal, stores, discovery, registration, mcp);
    this.resources = new ResourceWiring(platform, stores, discovery, registration, mcp, tokens);
    this.authorization = new AuthorizationWiring(settings, platform, journal, profiles, stores, discovery, registration,
        tokens,
        resources);
    this.servers = new ServerWiring(platform, journal, profiles, stores, discovery, registration, tokens, resources,
        authorization);
  }

  /** The clients of the stores, which the first call would build. */
  void buildClients() {
    var _ = stores.dynamoDb();
    var _ = stores.vault();
  }

  /** Closes what was opened towards servers, when no request comes any more. */
  void close() {
    discovery.close();
  }

  @Override
  public Discovery discovery() {
    return discovery.discovery();
  }

  @Override
  public IssuerRules rules() {
    return discovery.rules();
  }

  @Override
  public RequestBudget budget() {
    return registration.budget();
  }

  @Override
  public RegistrationIssuer registrationIssuer() {
    return registration.registrationIssuer();
  }

  @Override
  public CallerRegistration registration() {
    return registration.callerRegistration();
  }

  @Override
  public ClientMetadata metadata() {
    return registration.metadata();
  }

  @Override
  public SigningKeys signingKeys() {
    return registration.signingKeys();
  }

  @Override
  public AuthorizationStarter starter() {
    return authorization.starter();
  }

  @Override
  public ReturnTo returnTo() {
    return authorization.returnTo();
  }

  @Override
  public Callback callback() {
    return authorization.callback();
  }

  @Override
  public AccountDecisions accountDecisions() {
    return authorization.accountDecisions();
  }

  @Override
  public CallerRefresh refresh() {
    return tokens.callerRefresh();
  }

  @Override
  public McpClient client() {
    return resources.client();
  }

  @Override
  public GrantedAccess access() {
    return resources.access();
  }

  @Override
  public Grants grants() {
    return stores.grants();
  }

  @Override
  public GrantFinder finder() {
    return tokens.finder();
  }

  @Override
  public ScheduledRefresh scheduled() {
    return tokens.scheduled();
  }

  @Override
  public ServerRegistry registry() {
    return servers.registry();
  }

  @Override
  public RecordViews recordViews() {
    return servers.recordViews();
  }

  @Override
  public RecordedServers recordedServers() {
    return servers.recordedServers();
  }

  @Override
  public RecordEnding recordEnding() {
    return servers.recordEnding();
  }

  @Override
  public BuiltInRegistry builtIns() {
    return servers.builtIns();
  }

  @Override
  public GrantUse grantUse() {
    return tokens.grantUse();
  }

  @Override
  public ServerImport serverImport() {
    return servers.serverImport();
  }

  @Override
  public Connector connector() {
    return servers.connector();
  }

  @Override
  public Reencryption reencryption() {
    return stores.reencryption();
  }

  @Override
  public UserDeletion deletion() {
    return servers.deletion();
  }

  @Override
  public Connections connections() {
    return servers.connections();
  }

  @Override
  public ConnectionNotes notes() {
    return authorization.notes();
  }

  @Override
  public OfferSync offers() {
    return servers.offers();
  }

  @Override
  public McpProxy proxy() {
    return resources.proxy();
  }
}
