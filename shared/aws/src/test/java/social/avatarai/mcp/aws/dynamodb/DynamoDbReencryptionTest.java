package social.avatarai.mcp.aws.dynamodb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.RegistrationAccessToken;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.registration.ClientRegistration;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.RegistrationManagement;
import social.avatarai.mcp.testkit.store.ReencryptionContract;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.ReplacedTokens;
import social.avatarai.mcp.vault.Reencryption;
import social.avatarai.mcp.vault.Reencryption.Area;
import social.avatarai.mcp.vault.Reencryption.Run;
import social.avatarai.mcp.vault.TokenCipher;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

class DynamoDbReencryptionTest extends ReencryptionContract {
  private final Tables tables = Tables.withPrefix("r" + Unguessable.text().replace("-", "x") + "-");
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final Journal journal = new Journal(new PrintStream(log, true, UTF_8), Clock.systemUTC());

  @Override
  protected void empty() {
    var client = Stores.client();
    tables.creations().forEach(client::createTable);
    tables.creations().forEach(
        table -> client.waiter().waitUntilTableExists(wait -> wait.tableName(table.tableName())));
  }

  @Override
  protected Grants grants(TokenCipher cipher) {
    return new DynamoDbGrants(Stores.client(), tables, cipher);
  }

  @Override
  protected ReplacedTokens replacedTokens(TokenCipher cipher) {
    return new DynamoDbReplacedTokens(Stores.client(), tables, cipher);
  }

  @Override
  protected Servers servers(TokenCipher cipher) {
    return new DynamoDbServers(Stores.client(), tables, cipher);
  }

  @Override
  protected Reencryption reencryption(TokenCipher cipher) {
    return new DynamoDbReencryption(Stores.client(), tables, () -> cipher, journal);
  }

  private Map<String, AttributeValue> raw(Grant grant) {
    return Stores.raw(tables.tokens(), GrantItem.key(grant.key()));
  }

  @Test
  void nothingButWhatIsSealedIsTouched() {
    var grant = stored(Samples.grant());
    var before = raw(grant);
    run(Area.TOKENS);
    var after = raw(grant);
    assertThat(after.keySet()).isEqualTo(before.keySet());
    assertThat(after.keySet()).filteredOn(name -> !Objects.equals(after.get(name), before.get(name)))
        .containsExactlyInAnyOrder("accessToken", "refreshToken", "identity", "wireSession", "wireSessionMac",
            "refreshMac");
  }

  @Test
  void builtInServerAndTheSessionsOfItsUsersAreReadableWithoutTheOldKey() {
    var builtIns = new DynamoDbBuiltInServers(Stores.client(), tables, BEFORE);
    var server = new McpServer(Samples.key(), new EndpointUrl("https://mcp.example/mcp?team=1"), true,
        new McpServer.Terms(Scopes.none(), null, null, null, false), McpServer.Status.DISCONNECTED,
        Json.newObject().put("isBuiltin", true), null);
    var protocol = new NegotiatedProtocol("2025-11-25", new McpSessionId("invented-mcp-session"));
    builtIns.put(server);
    builtIns.keepProtocol(server, protocol);
    assertThat(run(Area.SERVERS)).isEqualTo(new Run(2, 2, 0, null));
    assertThat(run(Area.SERVERS)).isEqualTo(new Run(2, 0, 0, null));
    var raw = Stores.raw(tables.servers(), BuiltInNotes.key(server.key()));
    assertThat(new BuiltInNotes(AFTER).over(server, raw).protocol()).isEqualTo(protocol);
    assertThat(new DynamoDbBuiltInServers(Stores.client(), tables, ALONE).find(server.key()).orElseThrow().url())
        .isEqualTo(server.url());
  }

  @Test
  void notesUnderTheOldDigestOfTheOperatorsCredentialsCountUntilTheyBeginAgain() {
    var key = Samples.key();
    var url = new EndpointUrl("https://mcp.example/mcp");
    var server = new McpServer(key, url, true, new McpServer.Terms(Scopes.none(), null, null, null, false),
        McpServer.Status.DISCONNECTED, Json.newObject().put("isBuiltin", true), null).with(Samples.entered(url));
    var before = new DynamoDbBuiltInServers(Stores.client(), tables, BEFORE);
    before.put(server);
    before.note(server, McpServer.Status.CONNECTED, null);
    run(Area.SERVERS);
    var after = new DynamoDbBuiltInServers(Stores.client(), tables, AFTER);
    var summaries = new DynamoDbBuiltInSummaries(Stores.client(), tables);
    assertThat(after.find(key).orElseThrow().status()).isEqualTo(McpServer.Status.CONNECTED);
    assertThat(summaries.find(key).orElseThrow().read().orElseThrow().status())
        .isEqualTo(McpServer.Status.CONNECTED);
    after.note(after.find(key).orElseThrow(), McpServer.Status.AUTHORIZATION_REQUIRED, null);
    var alone = new DynamoDbBuiltInServers(Stores.client(), tables, ALONE).find(key).orElseThrow();
    assertThat(alone.status()).isEqualTo(McpServer.Status.AUTHORIZATION_REQUIRED);
  }

  /** The bug: items beside a registration stayed under the old key, and were lost with it. */
  @Test
  void registrationsAndWhatIsSealedBesideThemAreSealedAnew() {
    var owner = Owner.of(Samples.user());
    var issuer = new Issuer("https://auth.example");
    var client = new ClientId("invented-client");
    var url = new EndpointUrl("https://auth.example/register/invented-client");
    new DynamoDbClientSecrets(Stores.client(), tables, BEFORE).keep(owner, issuer, client,
        new ClientSecret("invented-secret"));
    new DynamoDbRegistrationManagements(Stores.client(), tables, BEFORE).keep(owner, issuer, client,
        new RegistrationManagement(url, new RegistrationAccessToken("invented-token")));
    var registration = new ClientRegistration(issuer, Samples.client("invented-client", owner), List.of(),
        Scopes.none(),
        null);
    new DynamoDbRegistrations(Stores.client(), tables, BEFORE).keep(registration);
    assertThat(run(Area.REGISTRATIONS)).isEqualTo(new Run(3, 3, 0, null));
    assertThat(run(Area.REGISTRATIONS)).isEqualTo(new Run(3, 0, 0, null));
    assertThat(new DynamoDbRegistrations(Stores.client(), tables, ALONE).find(owner, issuer, client))
        .contains(registration);
    assertThat(new DynamoDbClientSecrets(Stores.client(), tables, ALONE).find(owner, issuer, client))
        .contains(new ClientSecret("invented-secret"));
    assertThat(new DynamoDbRegistrationManagements(Stores.client(), tables, ALONE).find(owner, issuer, client)
        .orElseThrow().token().reveal()).isEqualTo("invented-token");
  }

  private final Owner one = Owner.of(Samples.user());
  private final Owner other = Owner.of(Samples.user());
  private final Issuer issuer = new Issuer("https://auth.example");
  private final ClientId client = new ClientId("client-of-all");

  private boolean mayEnd(Owner owner, ClientId id) {
    return new DynamoDbClientHolders(Stores.client(), tables).beginEnd(owner, issuer, id, NOW);
  }

  private void registered(Owner owner, String id) {
    new DynamoDbRegistrations(Stores.client(), tables, BEFORE)
        .keep(new ClientRegistration(issuer, Samples.client(id, owner), List.of(), Scopes.none(), null));
  }

  /** The attack: a registration of an earlier version has noted no holder, so the next holder seemed to be the only one. */
  @Test
  void onlyAWholePassOverTheRegistrationsLetsAnOnlyHolderEndItsClient() {
    registered(one, client.value());
    registered(one, "of-one-alone");
    new DynamoDbClientHolders(Stores.client(), tables).hold(other, issuer, client, NOW);
    assertThat(mayEnd(other, client)).isFalse();
    var first = reencryption(AFTER).run(Area.REGISTRATIONS, null, Deadline.in(Duration.ZERO));
    assertThat(mayEnd(one, new ClientId("of-one-alone"))).isFalse();
    var cursor = first.cursor();
    while (cursor != null)
      cursor = reencryption(AFTER).run(Area.REGISTRATIONS, cursor, inTime()).cursor();
    assertThat(mayEnd(other, client)).isFalse();
    assertThat(mayEnd(one, client)).isFalse();
    assertThat(mayEnd(one, new ClientId("of-one-alone"))).isTrue();
  }

  @Test
  void aPassThatAnEarlierVersionBeganOrThatMetAnUnreadableRegistrationEndsNoClient() {
    registered(one, client.value());
    var key = Values.key(one.key(), RegistrationItem.client(issuer, client));
    reencryption(AFTER).run(Area.REGISTRATIONS, ScanCursor.of(Values.key("a", "a")), inTime());
    assertThat(mayEnd(one, client)).isFalse();
    var unreadable = new HashMap<>(Stores.raw(tables.registrations(), key));
    unreadable.put("clientMethod", Values.text("of a later version"));
    unreadable.put(Tables.SORT, Values.text(RegistrationItem.client(issuer, new ClientId("another"))));
    Stores.put(tables.registrations(), unreadable);
    assertThat(run(Area.REGISTRATIONS).skipped()).isEqualTo(1);
    assertThat(mayEnd(one, client)).isFalse();
  }

  @Test
  void anEndUnderWayIsNotStoppedByAPass() {
    registered(one, client.value());
    run(Area.REGISTRATIONS);
    assertThat(mayEnd(one, client)).isTrue();
    run(Area.REGISTRATIONS);
    assertThat(new DynamoDbClientHolders(Stores.client(), tables).hold(other, issuer, client, NOW)).isFalse();
  }

  @Test
  void leasesAndDueMarkersAreNotLookedAt() {
    stored(Samples.grant());
    new DynamoDbDueGrants(Stores.client(), tables).schedule(Samples.key(), 1);
    assertThat(run(Area.TOKENS)).isEqualTo(new Run(1, 1, 0, null));
  }

  /** Writes to the row before each of the first updates that it sees. */
  private static final class Between implements ExecutionInterceptor {
    private final Runnable write;
    private final int times;
    private final AtomicInteger updates = new AtomicInteger();

    Between(int times, Runnable write) {
      this.times = times;
      this.write = write;
    }

    @Override
    public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
      if (context.request() instanceof UpdateItemRequest && updates.getAndIncrement() < times) write.run();
    }
  }

  private Run runBetween(int times, Runnable write) {
    var client = Stores.clientWith(new ConsistentReads(), new Between(times, write));
    return new DynamoDbReencryption(client, tables, () -> AFTER, journal).run(Area.TOKENS, null, inTime());
  }

  @Test
  void refreshThatComesBetweenReadingAndWritingIsNotOverwritten() {
    var grant = stored(Samples.grant());
    var next = grant.renewed(Samples.tokens("next"), GrantState.healthy(NOW, 0));
    // A process that does not know the new key yet wrote the row, so the second try seals it again.
    assertThat(runBetween(1, () -> grants(BEFORE).commit(next))).isEqualTo(new Run(1, 1, 0, null));
    assertThat(grants(ALONE).read(grant.key())).contains(next);
  }

  @Test
  void rowThatChangesEachTimeIsSkippedAndLoggedAndTakenUpByTheNextPass() {
    var grant = stored(Samples.grant());
    var version = new Grant[]{grant};
    assertThat(runBetween(3, () -> {
      version[0] = version[0].renewed(Samples.tokens("again"), GrantState.healthy(NOW, 0));
      grants(BEFORE).commit(version[0]);
    })).isEqualTo(new Run(1, 0, 1, null));
    assertThat(log.toString(UTF_8)).contains("reencryption_skipped", "changed meanwhile");
    assertThat(run(Area.TOKENS)).isEqualTo(new Run(1, 1, 0, null));
    assertThat(grants(ALONE).read(grant.key())).contains(version[0]);
  }

  @Test
  void grantThatIsDeletedMeanwhileStaysDeleted() {
    var grant = stored(Samples.grant());
    assertThat(runBetween(1, () -> grants(BEFORE).delete(grant))).isEqualTo(new Run(1, 0, 0, null));
    assertThat(grants(AFTER).read(grant.key())).isEmpty();
  }

  @Test
  void rowThatCannotBeOpenedStopsNoOther() {
    var broken = stored(Samples.grant());
    var grant = stored(Samples.grant());
    for (String sealed : Set.of("accessToken", "refreshToken")) {
      var item = new HashMap<>(raw(broken));
      item.put(sealed, raw(grant).get(sealed));
      Stores.put(tables.tokens(), item);
    }
    assertThat(run(Area.TOKENS)).isEqualTo(new Run(2, 1, 1, null));
    assertThat(log.toString(UTF_8)).contains("reencryption_skipped").doesNotContain(broken.key().user().value());
  }
}
