package social.avatarai.mcp.lambda;

import social.avatarai.mcp.Journal;
import social.avatarai.mcp.authorization.Sessions;
import social.avatarai.mcp.aws.dynamodb.DynamoDbBuiltInServers;
import social.avatarai.mcp.aws.dynamodb.DynamoDbBuiltInSummaries;
import social.avatarai.mcp.aws.dynamodb.DynamoDbClientHolders;
import social.avatarai.mcp.aws.dynamodb.DynamoDbClientSecrets;
import social.avatarai.mcp.aws.dynamodb.DynamoDbDueGrants;
import social.avatarai.mcp.aws.dynamodb.DynamoDbEndedSessions;
import social.avatarai.mcp.aws.dynamodb.DynamoDbGrantSummaries;
import social.avatarai.mcp.aws.dynamodb.DynamoDbGrants;
import social.avatarai.mcp.aws.dynamodb.DynamoDbLeases;
import social.avatarai.mcp.aws.dynamodb.DynamoDbReencryption;
import social.avatarai.mcp.aws.dynamodb.DynamoDbRegistrationManagements;
import social.avatarai.mcp.aws.dynamodb.DynamoDbRegistrations;
import social.avatarai.mcp.aws.dynamodb.DynamoDbReplacedTokens;
import social.avatarai.mcp.aws.dynamodb.DynamoDbRequestCounter;
import social.avatarai.mcp.aws.dynamodb.DynamoDbServerOffers;
import social.avatarai.mcp.aws.dynamodb.DynamoDbServerSummaries;
import social.avatarai.mcp.aws.dynamodb.DynamoDbServers;
import social.avatarai.mcp.aws.dynamodb.DynamoDbSessions;
import social.avatarai.mcp.aws.dynamodb.DynamoDbSlowCallSlots;
import social.avatarai.mcp.aws.dynamodb.DynamoDbWaitingGrants;
import social.avatarai.mcp.aws.dynamodb.Tables;
import social.avatarai.mcp.http.SlowCallSlots;
import social.avatarai.mcp.proxy.EndedSessions;
import social.avatarai.mcp.record.BuiltInServers;
import social.avatarai.mcp.record.ServerOffers;
import social.avatarai.mcp.record.ServerSummaries;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.record.VisibleServers;
import social.avatarai.mcp.record.VisibleSummaries;
import social.avatarai.mcp.registration.ClientHolders;
import social.avatarai.mcp.registration.ClientSecrets;
import social.avatarai.mcp.registration.RegistrationManagements;
import social.avatarai.mcp.registration.Registrations;
import social.avatarai.mcp.registration.RequestCounter;
import social.avatarai.mcp.registration.SplitClientSecrets;
import social.avatarai.mcp.registration.VaultClientSecrets;
import social.avatarai.mcp.token.DueGrants;
import social.avatarai.mcp.token.GrantSummaries;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Leases;
import social.avatarai.mcp.token.ReplacedTokens;
import social.avatarai.mcp.token.WaitingGrants;
import social.avatarai.mcp.vault.AeadTokenCipher;
import social.avatarai.mcp.vault.Reencryption;
import social.avatarai.mcp.vault.SecretVault;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.VaultKeyRing;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** The stores in DynamoDB and Secrets Manager, and the two clients behind them. */
final class StoreWiring {
  private final Settings settings;
  private final Platform platform;
  private final Journal journal;
  private final Once once = new Once();

  StoreWiring(Settings settings, Platform platform, Journal journal) {
    this.settings = settings;
    this.platform = platform;
    this.journal = journal;
  }

  private VaultClientSecrets vaultSecrets() {
    return new VaultClientSecrets(vault(), settings.clientSecretPrefix(), platform.clock());
  }

  /** A new cipher for each re-encryption, because a re-encryption must read the key ring as it is now. */
  private TokenCipher newCipher() {
    return new AeadTokenCipher(new VaultKeyRing(vault(), settings.keyRingSecret(), platform.clock(), journal));
  }

  DynamoDbClient dynamoDb() {
    return once.get(DynamoDbClient.class, () -> platform.dynamoDb());
  }

  SecretVault vault() {
    return once.get(SecretVault.class, () -> platform.vault(settings));
  }

  Tables tables() {
    return once.get(Tables.class, () -> new Tables(settings.sessionsTable(), settings.tokensTable(),
        settings.dueTable(), settings.registrationsTable(), settings.serversTable()));
  }

  TokenCipher cipher() {
    return once.get(TokenCipher.class, () -> newCipher());
  }

  Sessions sessions() {
    return once.get(Sessions.class, () -> new DynamoDbSessions(dynamoDb(), tables(), cipher()));
  }

  EndedSessions endedSessions() {
    return once.get(EndedSessions.class, () -> new DynamoDbEndedSessions(dynamoDb(), tables()));
  }

  Grants grants() {
    return once.get(Grants.class, () -> new DynamoDbGrants(dynamoDb(), tables(), cipher()));
  }

  GrantSummaries grantSummaries() {
    return once.get(GrantSummaries.class, () -> new DynamoDbGrantSummaries(dynamoDb(), tables(), this::cipher));
  }

  ReplacedTokens replacedTokens() {
    return once.get(ReplacedTokens.class, () -> new DynamoDbReplacedTokens(dynamoDb(), tables(), cipher()));
  }

  WaitingGrants waitingGrants() {
    return once.get(WaitingGrants.class, () -> new DynamoDbWaitingGrants(dynamoDb(), tables(), cipher()));
  }

  Leases leases() {
    return once.get(Leases.class, () -> new DynamoDbLeases(dynamoDb(), tables()));
  }

  DueGrants dueGrants() {
    return once.get(DueGrants.class, () -> new DynamoDbDueGrants(dynamoDb(), tables()));
  }

  Registrations registrations() {
    return once.get(Registrations.class, () -> new DynamoDbRegistrations(dynamoDb(), tables(), cipher()));
  }

  RegistrationManagements managements() {
    return once.get(RegistrationManagements.class,
        () -> new DynamoDbRegistrationManagements(dynamoDb(), tables(), cipher()));
  }

  ClientHolders clientHolders() {
    return once.get(ClientHolders.class, () -> new DynamoDbClientHolders(dynamoDb(), tables()));
  }

  ClientSecrets clientSecrets() {
    return once.get(ClientSecrets.class,
        () -> settings.userSecretsInTable()
            ? new SplitClientSecrets(vaultSecrets(), new DynamoDbClientSecrets(dynamoDb(), tables(), cipher()))
            : vaultSecrets());
  }

  RequestCounter requestCounter() {
    return once.get(RequestCounter.class, () -> new DynamoDbRequestCounter(dynamoDb(), tables()));
  }

  SlowCallSlots slowCallSlots() {
    return once.get(SlowCallSlots.class, () -> new DynamoDbSlowCallSlots(dynamoDb(), tables()));
  }

  Servers servers() {
    return once.get(Servers.class,
        () -> new VisibleServers(new DynamoDbServers(dynamoDb(), tables(), cipher()), builtIns()));
  }

  BuiltInServers builtIns() {
    return once.get(BuiltInServers.class, () -> new DynamoDbBuiltInServers(dynamoDb(), tables(), cipher()));
  }

  ServerSummaries serverSummaries() {
    return once.get(ServerSummaries.class,
        () -> new VisibleSummaries(new DynamoDbServerSummaries(dynamoDb(), tables()),
            new DynamoDbBuiltInSummaries(dynamoDb(), tables())));
  }

  ServerOffers serverOffers() {
    return once.get(ServerOffers.class, () -> new DynamoDbServerOffers(dynamoDb(), tables()));
  }

  Reencryption reencryption() {
    return once.get(Reencryption.class, () -> new DynamoDbReencryption(dynamoDb(), tables(), this::newCipher, journal));
  }
}
