package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.ISSUER;
import static social.avatarai.mcp.testkit.store.Samples.NOW;
import static social.avatarai.mcp.testkit.store.Samples.REDIRECT_URI;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.RegistrationAccessToken;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.Secret;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.AuthorizationSession;
import social.avatarai.mcp.authorization.ParkedResponse;
import social.avatarai.mcp.authorization.SessionOutcome;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.LiveCredentials;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.UnboundSecrets;
import social.avatarai.mcp.registration.ClientRegistration;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.RegistrationManagement;
import social.avatarai.mcp.testkit.store.HostileEdits;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.ReplacedToken;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Edits every attribute of every row with sealed values, alone and in pairs, with every hostile value. Each time the
 * row is refused, or leads to the same places as before. {@code EditedRowsFlowTest} uses such rows in flows.
 */
class EditedItemsTest {
  private static final String COLLECTOR = "https://collector.example";

  private final Tables tables = Tables.withPrefix("e" + Unguessable.text().replace("-", "x") + "-");
  private final List<AuthorizationSession> sessions = new ArrayList<>();
  private final Map<ConnectionId, McpServer> builtIn = new HashMap<>();

  @BeforeEach
  void storeTwoOfEach() {
    var client = Stores.client();
    tables.creations().forEach(client::createTable);
    tables.creations().forEach(
        table -> client.waiter().waitUntilTableExists(wait -> wait.tableName(table.tableName())));
    for (var server : List.of("server-a", "server-b"))
      store(new ConnectionKey(Samples.user(), new ConnectionId(server)));
    storeStated(new ConnectionKey(Samples.user(), new ConnectionId("server-c")));
  }

  /** The rows of a server whose record states the endpoints of an issuer without metadata. */
  private void storeStated(ConnectionKey key) {
    new DynamoDbGrants(Stores.client(), tables, Stores.CIPHER).store(Samples.statedGrant(key));
    new DynamoDbReplacedTokens(Stores.client(), tables, Stores.CIPHER).keep(Samples.statedReplacedToken(key));
    var session = Samples.statedSession();
    new DynamoDbSessions(Stores.client(), tables, Stores.CIPHER).begin(session);
    sessions.add(session);
    new DynamoDbServers(Stores.client(), tables, Stores.CIPHER).put(new McpServer(key,
        new EndpointUrl("https://mcp.example/mcp"), true, new McpServer.Terms(Scopes.none(), ISSUER,
            new ClientId("client-1"), null, true, Samples.statedEndpoints()),
        McpServer.Status.CONNECTED,
        Json.newObject(), null));
  }

  private void store(ConnectionKey key) {
    var grants = new DynamoDbGrants(Stores.client(), tables, Stores.CIPHER);
    grants.store(Samples.grantWithQuery(key, "?api_key=" + Unguessable.text()));
    var raw = new ConnectionKey(key.user(), ConnectionId.ofResource(new ResourceUri("https://mcp.example/")));
    grants.store(Samples.grantOfAnotherIssuer(raw));
    new DynamoDbReplacedTokens(Stores.client(), tables, Stores.CIPHER).keep(Samples.replacedToken(key, 1));
    storeBuiltIn(key);
    storeSessions();
    storeClients(Owner.of(key.user()));
    var unbound = new UnboundSecrets(ISSUER, new ClientId("client-1"),
        new ClientSecret("secret-" + Unguessable.text()), new LiveCredentials(
            new AccessToken("access-" + Unguessable.text()), new RefreshToken("refresh-" + Unguessable.text()),
            Scopes.none(), NOW, NOW));
    new DynamoDbServers(Stores.client(), tables, Stores.CIPHER).put(new McpServer(key,
        new EndpointUrl("https://mcp.example/mcp?team=1"), true,
        new McpServer.Terms(Scopes.parse("repo"), ISSUER, new ClientId("client-1"), null, true),
        McpServer.Status.CONNECTED, Json.newObject().put("url", "https://mcp.example/mcp"),
        new NegotiatedProtocol("2025-11-25", new McpSessionId("session-" + Unguessable.text())))
        .with(Samples.entered(new EndpointUrl("https://mcp.example/mcp"))).keeping(unbound));
    new DynamoDbServers(Stores.client(), tables, Stores.CIPHER).put(SampleServer.of(
        new ConnectionKey(key.user(), new ConnectionId("without-entered-credentials")), "https://mcp.example/mcp"));
  }

  /** A server for all users, with a session for this user. */
  private void storeBuiltIn(ConnectionKey key) {
    var builtIns = new DynamoDbBuiltInServers(Stores.client(), tables, Stores.CIPHER);
    var server = new McpServer(key, new EndpointUrl("https://mcp.example/mcp?team=1"), true,
        new McpServer.Terms(Scopes.parse("repo"), ISSUER, new ClientId("client-1"), null, true),
        McpServer.Status.DISCONNECTED, Json.newObject().put("isBuiltin", true), null);
    builtIns.put(server);
    builtIns.note(server, McpServer.Status.CONNECTED, null);
    builtIns.keepProtocol(server,
        new NegotiatedProtocol("2025-11-25", new McpSessionId("session-" + Unguessable.text())));
    builtIn.put(server.key().connection(), server);
  }

  private void storeSessions() {
    var store = new DynamoDbSessions(Stores.client(), tables, Stores.CIPHER);
    var withQuery = Samples.session();
    var url = withQuery.target().serverUrl().withQueryPart("?api_key=" + Unguessable.text());
    for (var session : List.of(withQuery.servedAt(url), Samples.plainSession(), Samples.sessionWithUserinfo())) {
      store.begin(session);
      store.park(session, Samples.parked(), NOW);
      sessions.add(session);
    }
    var over = Samples.session();
    store.begin(over);
    store.claim(over.key(), NOW);
    store.finish(over, SessionOutcome.connected(Scopes.parse("repo"), NOW.plusSeconds(60)), NOW.plusSeconds(900));
  }

  private void storeClients(Owner owner) {
    var registrations = new DynamoDbRegistrations(Stores.client(), tables, Stores.CIPHER);
    registrations.keepOwn(new ClientRegistration(ISSUER, Samples.client("client-d", Owner.deployment()),
        List.of(REDIRECT_URI), Scopes.none(), null), REDIRECT_URI);
    registrations.keep(new ClientRegistration(ISSUER, Samples.client("client-1", owner), List.of(REDIRECT_URI),
        Scopes.parse("repo"), NOW));
    var client = new ClientId("client-1");
    new DynamoDbClientSecrets(Stores.client(), tables, Stores.CIPHER).keep(owner, ISSUER, client,
        new ClientSecret("secret-" + Unguessable.text()));
    new DynamoDbRegistrationManagements(Stores.client(), tables, Stores.CIPHER).keep(owner, ISSUER, client,
        new RegistrationManagement(new EndpointUrl("https://as.example/register/client-1"),
            new RegistrationAccessToken("token-" + Unguessable.text())));
  }

  // The values that decide where something goes, and the secrets that may be sent there.

  /**
   * What is read of a row.
   *
   * @param deciding everything that decides where the secrets and the browser go
   * @param secrets the secrets that may be sent, and the query of the server's URL; a secret that is gone is sent
   *        nowhere
   */
  private record Read(List<Object> deciding, List<Object> secrets) {
    boolean leadsWhere(Read honest) {
      return deciding.equals(honest.deciding) && honest.secrets.containsAll(secrets);
    }
  }

  private static Read read(List<Object> deciding, @Nullable Secret... secrets) {
    return new Read(deciding, Arrays.stream(secrets).filter(Objects::nonNull).<Object>map(secret -> secret).toList());
  }

  private static Read with(EndpointUrl url, Read read) {
    var secrets = new ArrayList<>(read.secrets);
    if (!url.queryPart().isEmpty()) secrets.add(url.queryPart());
    return new Read(read.deciding, secrets);
  }

  private static Read read(Grant grant) {
    var protocol = grant.protocol();
    return with(grant.target().serverUrl(),
        read(List.of(grant.key(), grant.id(), withoutQuery(grant.target()), grant.client()),
            grant.tokens().accessToken(), grant.tokens().refreshToken(), protocol == null ? null : protocol.session()));
  }

  private static GrantTarget withoutQuery(GrantTarget target) {
    return new GrantTarget(target.issuer(), target.tokenEndpoint(), target.resource(),
        new EndpointUrl(target.serverUrl().value().replaceFirst("\\?.*", "")), target.stated());
  }

  private static Read read(ReplacedToken token) {
    // If the row does not open, there is no secret to send, wherever the row leads.
    if (token.token() == null) return read(List.of());
    return read(List.of(token.connection(), token.grant(), token.target(), token.client()), token.token());
  }

  private static Read read(AuthorizationSession session) {
    var request = session.request();
    return with(session.target().serverUrl(),
        read(List.of(session.key(), session.connection(), withoutQuery(session.target()), session.client(),
            request.redirectUri(), Optional.ofNullable(request.context()), request.issExpected(), session.binding(),
            session.replaceable(), Optional.ofNullable(session.userinfo()), session.publishedIssuer()),
            request.verifier()));
  }

  private static Read read(ParkedResponse parked) {
    var answer = parked.response();
    if (answer.code() == null) return read(List.of());
    return read(List.of(parked.number(), parked.completionHash(), Optional.ofNullable(answer.iss()),
        Optional.ofNullable(answer.context())), answer.code());
  }

  private static Read read(McpServer server) {
    var protocol = server.protocol();
    var secrets = new ArrayList<Object>(server.entered().all().toList());
    if (protocol != null && protocol.session() != null) secrets.add(protocol.session());
    var unbound = server.unbound();
    var live = unbound == null ? null : unbound.credentials();
    Stream.of(unbound == null ? null : unbound.clientSecret(), live == null ? null : live.accessToken(),
        live == null ? null : live.refreshToken()).filter(Objects::nonNull).forEach(secrets::add);
    return new Read(List.of(server.key(), server.url(), server.enabled(), server.terms(), server.document(),
        server.entered()), secrets);
  }

  private static Read read(ClientRegistration registration) {
    return read(List.of(registration.issuer(), registration.client(), registration.redirectUris()));
  }

  /** What is read of an item; empty for kinds of rows without sealed values. */
  private Optional<Read> read(String table, Map<String, AttributeValue> item) {
    String sort = text(item, "sk");
    if (table.equals(tables.sessions())) return Optional.of(readSession(item));
    if (table.equals(tables.registrations())) return readOfClient(item, sort);
    if (table.equals(tables.servers())) return readServer(item, sort);
    if (sort.startsWith("old#")) return Optional.of(read(new ReplacedTokenItem(Stores.CIPHER).token(item)));
    boolean grant = table.equals(tables.tokens()) && !sort.contains("#");
    return grant ? Optional.of(read(new GrantItem(Stores.CIPHER).grant(item))) : Optional.empty();
  }

  private Optional<Read> readServer(Map<String, AttributeValue> item, String sort) {
    if (ServerItem.isServer(item)) return Optional.of(read(ServerItem.in(item, Stores.CIPHER).server(item)));
    if (!sort.startsWith(BuiltInNotes.PREFIX)) return Optional.empty();
    // What is noted for a user leads nowhere by itself: the session goes to the server, which is another row.
    var server = Objects.requireNonNull(builtIn.get(BuiltInNotes.connection(item)));
    var owner = new UserId(text(item, "pk").substring(2));
    var noted = new BuiltInNotes(Stores.CIPHER).over(server.seenBy(owner), item);
    return Optional.of(read(noted.seenBy(server.key().user())));
  }

  private Read readSession(Map<String, AttributeValue> item) {
    String key = text(item, "pk");
    if (!key.contains("#park#")) return read(new SessionItem(Stores.CIPHER).session(item));
    var session = sessions.stream().filter(one -> key.startsWith(one.key().value())).findFirst().orElseThrow();
    return read(new ParkedItem(Stores.CIPHER).parked(item, session));
  }

  /** Client secrets and management tokens are read through their stores, because their rows have few attributes. */
  private Optional<Read> readOfClient(Map<String, AttributeValue> item, String sort) {
    if (RegistrationItem.isRegistration(item)) {
      return Optional.of(read(new RegistrationItem(Stores.CIPHER).registration(item)));
    }
    var owner = new Owner(text(item, "pk"));
    var client = new ClientId("client-1");
    Stores.put(tables.registrations(), item);
    if (sort.contains("#secret#")) {
      var secret = new DynamoDbClientSecrets(Stores.client(), tables, Stores.CIPHER).find(owner, ISSUER, client);
      return secret.map(found -> read(List.of(), found));
    }
    if (!sort.contains("#management#")) return Optional.empty();
    var how = new DynamoDbRegistrationManagements(Stores.client(), tables, Stores.CIPHER).find(owner, ISSUER, client);
    return how.map(found -> read(List.of(found.url()), found.token()));
  }

  private static String text(Map<String, AttributeValue> item, String attribute) {
    return item.getOrDefault(attribute, AttributeValue.fromS("")).s();
  }

  // The edits.

  private Stream<String> names() {
    return tables.creations().stream().map(creation -> creation.tableName());
  }

  private void assertNoneLeadsElsewhere(
      BiFunction<HostileEdits, Map<String, AttributeValue>, List<List<HostileEdits.Edit>>> chosen) {
    var kinds = new HashMap<Object, Integer>();
    var elsewhere = new ArrayList<String>();
    names().forEach(table -> {
      var items = Stores.scan(table);
      for (var item : items) {
        var honest = read(table, item);
        assertThat(honest.isPresent()).as("%s", item).isEqualTo(item.values().stream().anyMatch(v -> v.b() != null));
        if (honest.isEmpty()) continue;
        kinds.merge(item.keySet(), 1, Integer::sum);
        var edits = new HostileEdits(COLLECTOR, items.stream().filter(other -> !other.equals(item)).toList());
        for (var tried : chosen.apply(edits, item))
          if (!isHarmless(table, HostileEdits.edited(item, tried), honest.get())) elsewhere.add(tried + " of " + item);
      }
    });
    assertThat(elsewhere).isEmpty();
    // Two grants, a replaced token, sessions under way and finished, a parked response, a registration with the items
    // beside it, a server, and what is noted about a built-in one.
    assertThat(kinds).hasSizeGreaterThanOrEqualTo(9);
  }

  private boolean isHarmless(String table, Map<String, AttributeValue> edited, Read honest) {
    try {
      var read = read(table, edited).orElseThrow();
      return (read.secrets().isEmpty() && read.deciding().isEmpty()) || read.leadsWhere(honest);
    } catch (Failure.Misconfigured refused) {
      return true;
    }
  }

  /** A row without stated endpoints is sealed as before they existed, and must not open with stated endpoints either. */
  @Test
  void noRowOpensWithStatedEndpointsThatItWasNotSealedWith() {
    var added = Map.of("authorizationEndpoint", COLLECTOR, "tokenEndpoint", COLLECTOR, "revocationEndpoint", COLLECTOR,
        "scopeSeparator", ",");
    names().forEach(table -> Stores.scan(table).forEach(item -> {
      var honest = read(table, item);
      if (honest.isEmpty() || item.containsKey("scopeSeparator")) return;
      var edited = new HashMap<>(item);
      added.forEach((name, value) -> edited.putIfAbsent(name, AttributeValue.fromS(value)));
      assertThat(isHarmless(table, edited, honest.get())).as("%s", item).isTrue();
    }));
  }

  @Test
  void noEditOfOneAttributeLeadsElsewhere() {
    assertNoneLeadsElsewhere(HostileEdits::singles);
  }

  @Test
  void noEditOfTwoAttributesLeadsElsewhere() {
    assertNoneLeadsElsewhere(HostileEdits::pairs);
  }
}
