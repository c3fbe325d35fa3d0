package social.avatarai.mcp.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.vault.EditedRowsWorld.RETURN_TO;
import static social.avatarai.mcp.vault.EditedRowsWorld.SERVER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.listTools;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.aws.dynamodb.Tables;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.server.Connecting;
import social.avatarai.mcp.testkit.store.HostileEdits;
import social.avatarai.mcp.testkit.store.HostileEdits.Edit;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.vault.EditedRowsWorld.Waiting;
import social.avatarai.mcp.world.GrantWorld;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * An attacker who can write to the tables, but has no key, cannot make the service send a secret elsewhere.
 *
 * <p>The tests edit every attribute of every row: alone, together with the removal of the row's sealed attributes, and
 * in a sample of all pairs. After each edit, they run everything that reads the row. {@code EditedItemsTest} tries all
 * pairs on the items themselves.
 *
 * <p>The attributes come from the rows as they are stored. So a new attribute is edited without an entry in this test.
 */
@Tag("long")
class EditedRowsFlowTest {
  /** The number of pairs of edits that are tried for a row. They are spread over all pairs. */
  private static final int PAIRS_OF_A_ROW = 30;
  /** An edited row may delay a caller that waits for a lease. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final EditedRowsWorld world = new EditedRowsWorld();
  private final Flow flow = world.world.flow();
  /** The places to which the browser was sent. */
  private final List<String> shown = new ArrayList<>();
  /** The faults, each with the edit that caused it. */
  private final List<String> faults = new ArrayList<>();

  @AfterEach
  void close() {
    world.close();
  }

  // Everything that reads a row, in an order in which a later deed still finds the rows that it needs

  private interface Deed {
    void done();
  }

  private List<Deed> withGrant(Map<String, AttributeValue> row) {
    String text = String.valueOf(row.get("sk"));
    if (text.contains("lease#")) return List.of(() -> access(world.rawConnection()), () -> access(SERVER));
    if (text.contains(SERVER.value())) return withGrantOfServer();
    return text.contains(world.rawConnection().value()) ? withRawGrant() : List.of(this::schedule);
  }

  private List<Deed> withRawGrant() {
    var refreshToken = GrantWorld.refreshTokenOf(world.raw);
    return List.of(() -> access(world.rawConnection()), this::schedule, this::accessByUrl,
        () -> refresh(new What.Stored(world.rawConnection())),
        () -> refresh(new What.Token(refreshToken, world.issuer(), world.ownClient)),
        () -> disconnect(world.rawConnection()));
  }

  private List<Deed> withGrantOfServer() {
    return List.of(() -> access(SERVER), this::schedule, this::connect, () -> refresh(new What.Stored(SERVER)),
        () -> disconnect(SERVER));
  }

  private List<Deed> withSession(Map<String, AttributeValue> row) {
    String text = String.valueOf(row.get("pk"));
    if (text.contains(keyOf(world.waiting))) {
      return List.of(() -> elsewhere(world.waiting), () -> callback(world.waiting),
          () -> access(world.rawConnection()));
    }
    if (text.contains(keyOf(world.waitingForServer))) {
      return List.of(() -> callback(world.waitingForServer), () -> access(SERVER));
    }
    if (text.contains(world.parked.code().session().value())) {
      return List.of(this::complete, () -> access(world.rawConnection()));
    }
    return List.of(() -> callback(world.ended));
  }

  private static String keyOf(Waiting waiting) {
    return waiting.begun().state().key().value();
  }

  private List<Deed> withRegistration(Map<String, AttributeValue> row) {
    return List.of(() -> consent(world.begin(world.ownClient)), () -> consent(world.begin(null)), this::connect,
        () -> refresh(new What.Token(new RefreshToken("not-in-our-keeping"), world.issuer(), world.ownClient)),
        () -> access(world.rawConnection()), () -> disconnect(world.rawConnection()), () -> disconnect(SERVER),
        this::connect, this::forget);
  }

  private List<Deed> withServer(Map<String, AttributeValue> row) {
    return List.of(this::connect, () -> access(SERVER), this::putAsShown, () -> access(SERVER),
        () -> disconnect(SERVER), () -> access(SERVER), this::connect, () -> access(SERVER), () -> disconnect(SERVER));
  }

  private void access(ConnectionId connection) {
    flow.access(USER, new Target.ByConnection(connection), listTools(), deadline());
  }

  /** The other connection to the server would fit equally well, so it is disconnected first. */
  private void accessByUrl() {
    disconnect(SERVER);
    flow.access(USER, new Target.ByUrl(new EndpointUrl(world.world.mcpServer.url())), listTools(), deadline());
  }

  private void refresh(What what) {
    flow.refresh(USER, what, deadline());
  }

  private void schedule() {
    for (int shard : world.shardsWithMarkers())
      flow.refreshDue(shard, shard, deadline());
  }

  private void disconnect(ConnectionId connection) {
    flow.disconnect(USER, connection, deadline());
  }

  private void forget() {
    flow.forgetUser(USER, USER.user(), deadline());
  }

  /** The app shows a record, and writes the record back as it was shown. */
  private void putAsShown() {
    flow.putServer(USER, SERVER, flow.server(USER, SERVER), world.world.now());
  }

  private void connect() {
    var connecting = flow.connect(USER, SERVER, AuthorizationStart.fresh(), world.world.now());
    if (connecting instanceof Connecting.AuthorizationRequired(var begun, _)) consent(begun);
  }

  private void consent(AuthorizationStarted begun) {
    shown.add(begun.authorizationUrl());
    world.approve(begun).ifPresent(this::callback);
  }

  private void callback(Waiting waiting) {
    show(world.world.callback(waiting.begun(), waiting.answer()));
  }

  private void elsewhere(Waiting waiting) {
    show(world.world.elsewhere(waiting.begun(), waiting.answer()));
  }

  private void complete() {
    show(flow.complete(USER, world.parked.code(), deadline()));
  }

  private void show(CallbackOutcome outcome) {
    shown.add(String.valueOf(switch (outcome) {
      case CallbackOutcome.Connected connected -> connected.returnTo();
      case CallbackOutcome.Repeated told -> told.returnTo();
      case CallbackOutcome.Failed failed -> failed.returnTo();
      case CallbackOutcome.Parked parked -> parked.returnTo();
    }));
  }

  // The tries with edited rows

  private void tryAll(String table, Function<Map<String, AttributeValue>, List<Deed>> deeds) {
    var rows = world.victims(table);
    assertThat(rows).isNotEmpty();
    for (var row : rows) {
      var edits = new HostileEdits(world.collector.url(), world.donors(table, row));
      edits.singles(row).forEach(edit -> tryOne(table, row, edit, deeds.apply(row)));
      edits.stripped(row).forEach(pair -> tryOne(table, row, pair, deeds.apply(row)));
      var pairs = edits.pairs(row);
      int step = Math.max(1, pairs.size() / PAIRS_OF_A_ROW);
      for (int i = 0; i < pairs.size(); i += step)
        tryOne(table, row, pairs.get(i), deeds.apply(row));
    }
    assertThat(faults).isEmpty();
    assertThat(world.strayedHere()).isEmpty();
  }

  private void tryOne(String table, Map<String, AttributeValue> row, List<Edit> edits, List<Deed> deeds) {
    world.put(table, HostileEdits.edited(row, edits));
    shown.clear();
    for (var deed : deeds) {
      try {
        deed.done();
      } catch (Failure refused) {
        // The refusal is clear. The check below shows that nothing was sent.
      } catch (RuntimeException e) {
        faults.add(edits + " of " + keyOf(row) + ": not refused, but " + e);
      }
    }
    world.leaks(shown).forEach(leak -> faults.add(edits + " of " + keyOf(row) + ": " + leak));
    world.restore();
  }

  private static Deadline deadline() {
    return Deadline.in(PATIENCE);
  }

  private static String keyOf(Map<String, AttributeValue> row) {
    return row.get("pk") + " " + row.get("sk");
  }

  private Tables tables() {
    return world.world.platform.tables();
  }

  @Test
  void nothingOfAGrantIsSentElsewhere() {
    tryAll(tables().tokens(), this::withGrant);
  }

  @Test
  void nothingOfAGrantThatHasToBeRenewedIsSentElsewhere() {
    world.world.clock.advance(Duration.ofMinutes(61));
    tryAll(tables().tokens(), this::withGrant);
  }

  @Test
  void dueMarkerLeadsNowhereElse() {
    world.world.clock.advance(Duration.ofMinutes(61));
    tryAll(tables().due(), _ -> List.of(this::schedule, () -> access(world.rawConnection()), () -> access(SERVER)));
  }

  @Test
  void nothingOfAFlowIsSentElsewhere() {
    tryAll(tables().sessions(), this::withSession);
  }

  @Test
  void nothingOfAClientIsSentElsewhere() {
    tryAll(tables().registrations(), this::withRegistration);
  }

  @Test
  void nothingIsAskedOfAnotherServerThanTheUsers() {
    tryAll(tables().servers(), this::withServer);
  }

  @Test
  void noTableIsLeftOut() {
    assertThat(world.tables()).containsExactlyInAnyOrder(tables().tokens(), tables().sessions(),
        tables().registrations(), tables().servers(), tables().due());
  }

  /** The same deeds do send something when no row is edited, and send it only to the right places. */
  @Test
  void everythingIsSentWhereNothingIsEdited() {
    var server = world.world.authorizationServer;
    int before = server.tokenRequests().size();
    assertThat(world.victims(tables().tokens())).extracting(EditedRowsFlowTest::keyOf)
        .anyMatch(key -> key.contains("old#")).anyMatch(key -> key.contains("lease#"));
    world.tables().stream().flatMap(table -> world.victims(table).stream().map(row -> deeds(table, row)))
        .forEach(deeds -> {
          deeds.forEach(Deed::done);
          world.restore();
        });
    assertThat(server.tokenRequests()).hasSizeGreaterThan(before + 10);
    assertThat(server.tokenRequests().toString()).contains("not-in-our-keeping", "authorization_code");
    assertThat(server.revocations()).hasSizeGreaterThan(6);
    assertThat(server.registrationManagement().requests()).isNotEmpty();
    assertThat(shown).contains(RETURN_TO).anyMatch(url -> url.startsWith(server.issuer() + "/authorize"));
    assertThat(world.leaks(shown)).isEmpty();
    assertThat(world.strayedHere()).isEmpty();
  }

  private List<Deed> deeds(String table, Map<String, AttributeValue> row) {
    if (table.equals(tables().tokens()) || table.equals(tables().due())) return withGrant(row);
    if (table.equals(tables().sessions())) return withSession(row);
    return table.equals(tables().registrations()) ? withRegistration(row) : withServer(row);
  }
}
