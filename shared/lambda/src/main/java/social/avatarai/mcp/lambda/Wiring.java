package social.avatarai.mcp.lambda;

import java.time.Clock;
import java.util.function.Supplier;
import social.avatarai.mcp.Flow;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.authorization.Authorizer;
import social.avatarai.mcp.authorization.Callback;
import social.avatarai.mcp.authorization.ConsentWriter;
import social.avatarai.mcp.authorization.ContinuedGrant;
import social.avatarai.mcp.authorization.GrantKeeper;
import social.avatarai.mcp.authorization.IssuerPin;
import social.avatarai.mcp.authorization.Redemption;
import social.avatarai.mcp.authorization.ReturnTo;
import social.avatarai.mcp.aws.dynamodb.DynamoDbClientSecrets;
import social.avatarai.mcp.aws.dynamodb.DynamoDbDueGrants;
import social.avatarai.mcp.aws.dynamodb.DynamoDbGrantSummaries;
import social.avatarai.mcp.aws.dynamodb.DynamoDbGrants;
import social.avatarai.mcp.aws.dynamodb.DynamoDbLeases;
import social.avatarai.mcp.aws.dynamodb.DynamoDbReencryption;
import social.avatarai.mcp.aws.dynamodb.DynamoDbRegistrationManagements;
import social.avatarai.mcp.aws.dynamodb.DynamoDbRegistrations;
import social.avatarai.mcp.aws.dynamodb.DynamoDbReplacedTokens;
import social.avatarai.mcp.aws.dynamodb.DynamoDbServerSummaries;
import social.avatarai.mcp.aws.dynamodb.DynamoDbServers;
import social.avatarai.mcp.aws.dynamodb.DynamoDbSessions;
import social.avatarai.mcp.aws.dynamodb.DynamoDbStartQuota;
import social.avatarai.mcp.aws.dynamodb.Tables;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.discovery.IssuerMigration;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.discovery.MetadataCache;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.OutboundDoor;
import social.avatarai.mcp.registration.CallerRegistration;
import social.avatarai.mcp.registration.ClientMetadata;
import social.avatarai.mcp.registration.CredentialSource;
import social.avatarai.mcp.registration.Deregistration;
import social.avatarai.mcp.registration.DocumentClients;
import social.avatarai.mcp.registration.OperatorClients;
import social.avatarai.mcp.registration.Preregistration;
import social.avatarai.mcp.registration.Registrar;
import social.avatarai.mcp.registration.RegistrationEndpoint;
import social.avatarai.mcp.registration.RegistrationIssuer;
import social.avatarai.mcp.registration.SigningKeys;
import social.avatarai.mcp.resource.GrantedAccess;
import social.avatarai.mcp.resource.McpClient;
import social.avatarai.mcp.server.ConnectionNotes;
import social.avatarai.mcp.server.ConnectionViews;
import social.avatarai.mcp.server.Connections;
import social.avatarai.mcp.server.Connector;
import social.avatarai.mcp.server.Forgetting;
import social.avatarai.mcp.server.RecordFollower;
import social.avatarai.mcp.server.Registry;
import social.avatarai.mcp.server.UserClients;
import social.avatarai.mcp.store.AeadTokenCipher;
import social.avatarai.mcp.store.SplitClientSecrets;
import social.avatarai.mcp.store.TokenCipher;
import social.avatarai.mcp.store.VaultClientSecrets;
import social.avatarai.mcp.store.VaultKeyRing;
import social.avatarai.mcp.token.CallerRefresh;
import social.avatarai.mcp.token.GrantFinder;
import social.avatarai.mcp.token.HeldGrants;
import social.avatarai.mcp.token.KeptTokens;
import social.avatarai.mcp.token.MarkedWrite;
import social.avatarai.mcp.token.Refresher;
import social.avatarai.mcp.token.ReplacedGrants;
import social.avatarai.mcp.token.Revocation;
import social.avatarai.mcp.token.RevocationEndpoint;
import social.avatarai.mcp.token.ScheduledRefresh;
import social.avatarai.mcp.token.StoreRetry;
import social.avatarai.mcp.token.TokenEndpoint;
import social.avatarai.mcp.token.TokenEndpointFollower;

/** Puts everything together by hand, in the order of its constructors. One per process. */
public final class Wiring {
  private final Settings settings;
  private final Surroundings surroundings;
  private final Profiles profiles;
  private final Clock clock;
  private final Pause pause;
  private final Journal journal;

  public Wiring(Settings settings, Profiles profiles, Surroundings surroundings, Journal journal) {
    this.settings = settings;
    this.profiles = profiles;
    this.surroundings = surroundings;
    this.clock = surroundings.clock();
    this.pause = surroundings.pause();
    this.journal = journal;
  }

  /** The wiring of a function: settings from its environment, stores from its surroundings. */
  public static Wiring fromEnvironment() {
    var surroundings = Surroundings.present();
    var profiles = Profiles.load();
    return new Wiring(Settings.read(surroundings.environment(), profiles), profiles, surroundings,
        surroundings.journal());
  }

  public Settings settings() {
    return settings;
  }

  public Journal journal() {
    return journal;
  }

  Clock clock() {
    return clock;
  }

  public TokenBody tokenBody() {
    return new TokenBody(settings.fullTokenResponses(), clock);
  }

  public OutcomeReply outcomeReply() {
    return new OutcomeReply(tokenBody());
  }

  public Flow flow() {
    var client = surroundings.dynamoDb();
    var vault = surroundings.vault(settings);
    var tables = new Tables(settings.sessionsTable(), settings.tokensTable(), settings.dueTable(),
        settings.registrationsTable(), settings.serversTable());
    // A new one for each re-encryption: it has to know the ring as it is.
    Supplier<TokenCipher> ciphers = () -> new AeadTokenCipher(
        new VaultKeyRing(vault, settings.keyRingSecret(), clock, journal));
    var cipher = ciphers.get();
    var sessions = new DynamoDbSessions(client, tables, cipher);
    var grants = new DynamoDbGrants(client, tables, cipher);
    var leases = new DynamoDbLeases(client, tables);
    var dueGrants = new DynamoDbDueGrants(client, tables);
    var registrations = new DynamoDbRegistrations(client, tables, cipher);
    var quota = new DynamoDbStartQuota(client, tables);
    var vaultSecrets = new VaultClientSecrets(vault, settings.clientSecretPrefix(), clock);
    var secrets = settings.userSecretsInTable()
        ? new SplitClientSecrets(vaultSecrets, new DynamoDbClientSecrets(client, tables, cipher))
        : vaultSecrets;
    var managements = new DynamoDbRegistrationManagements(client, tables, cipher);

    var outbound = new OutboundDoor(surroundings.addressPolicy());
    var rules = new IssuerRules(profiles, settings.bindings(), settings.pkceExceptions(),
        settings.plainCallbackIssuers());
    var discovery = new Discovery(outbound, new MetadataCache(clock), clock);
    var metadata = new ClientMetadata(settings.clientName(), settings.clientMetadataUrl());
    var operatorClients = new OperatorClients(settings.operatorClients());
    var credentials = new CredentialSource(operatorClients, secrets);
    var registration = new RegistrationEndpoint(outbound, clock);
    var registrar = new Registrar(new Registrar.Parts(registration, metadata,
        new DocumentClients(metadata, outbound, clock), operatorClients, rules, registrations, secrets, clock, pause));
    var mcp = new McpClient(new McpClient.Parts(outbound, clock, pause, journal));
    var migration = new IssuerMigration(discovery, rules);
    var pin = new IssuerPin(grants, rules, migration, mcp::probe, clock);
    var authorizer = new Authorizer(new Authorizer.Parts(discovery, rules, pin, registrar, outbound, sessions, quota,
        clock));
    var tokens = new TokenEndpoint(outbound, rules, clock);
    var servers = new DynamoDbServers(client, tables, cipher);
    var replacedTokens = new DynamoDbReplacedTokens(client, tables, cipher);
    var revocationEndpoint = new RevocationEndpoint(discovery, credentials, outbound, journal);
    var kept = new KeptTokens(replacedTokens, revocationEndpoint, clock, journal);
    var replaced = new ReplacedGrants(kept, journal);
    var revocation = new Revocation(kept, grants, journal);
    var retry = new StoreRetry(pause, journal);
    var marked = new MarkedWrite(dueGrants, retry, journal);
    var writer = new ConsentWriter(grants, marked, replaced, revocation, profiles,
        new ContinuedGrant(grants, leases, marked, retry, clock, pause));
    var notes = new ConnectionNotes(servers, clock, journal);
    var summaries = new DynamoDbGrantSummaries(client, tables);
    var heldGrants = new HeldGrants(grants, summaries, revocation, journal);
    var follower = new RecordFollower(grants, servers, dueGrants, clock);
    var redemption = new Redemption(new Redemption.Parts(tokens, credentials,
        new GrantKeeper(writer, servers, follower, revocation, notes, retry), registrations, clock));
    var callback = new Callback(new Callback.Parts(sessions, redemption, registrations, notes,
        surroundings.bindsSessions(), clock, pause, journal));
    var refresher = new Refresher(new Refresher.Parts(new TokenEndpointFollower(tokens, discovery), credentials,
        grants, leases, dueGrants, registrations, revocation, clock, pause, journal));
    var access = new GrantedAccess(new GrantedAccess.Parts(mcp, discovery, migration, refresher, grants, clock));
    var deregistration = new Deregistration(new Deregistration.Parts(registration, registrations, managements, secrets,
        clock, pause, journal));
    var views = new ConnectionViews(outbound, clock);
    var registry = new Registry(new Registry.Parts(servers, grants, summaries, heldGrants, follower,
        new Preregistration(new Preregistration.Parts(registrations, secrets, quota, clock, pause)), revocation,
        new UserClients(deregistration, grants, servers, journal), profiles, views, clock, journal));
    var forgetting = new Forgetting(new Forgetting.Parts(grants, heldGrants, replacedTokens, revocation, registrations,
        deregistration, servers, clock, journal));
    var connector = new Connector(
        new Connector.Parts(registry, views, notes, heldGrants, follower, access, mcp, discovery,
            authorizer));
    return new Flow(new Flow.Parts(discovery, rules, new RegistrationIssuer(discovery),
        new CallerRegistration(
            new CallerRegistration.Parts(registration, metadata, registrations, secrets, managements, quota,
                clock, pause)),
        metadata, new SigningKeys(vault, settings.signingKeySecret(), clock, journal), authorizer,
        new ReturnTo(settings.returnTo()),
        callback, new CallerRefresh(new CallerRefresh.Parts(grants, refresher, discovery, tokens, registrations,
            operatorClients, credentials, clock)),
        mcp, access, grants, new GrantFinder(grants, clock, journal),
        new ScheduledRefresh(dueGrants, grants, refresher, clock, journal), registry, connector,
        new DynamoDbReencryption(client, tables, ciphers, journal), forgetting,
        new Connections(new DynamoDbServerSummaries(client, tables), summaries, views,
            journal)));
  }
}
