package social.avatarai.mcp.lambda.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.lambda.flow.EditedRowsWorld.RETURN_TO;
import static social.avatarai.mcp.lambda.flow.EditedRowsWorld.SERVER;
import static social.avatarai.mcp.lambda.flow.FlowWorld.USER;
import static social.avatarai.mcp.lambda.flow.FlowWorld.deadline;
import static social.avatarai.mcp.lambda.flow.GrantWorld.listTools;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Connecting;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Flow;
import social.avatarai.mcp.Flow.Target;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.authorization.Authorizer.Begun;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.lambda.flow.EditedRowsWorld.Waiting;
import social.avatarai.mcp.lambda.flow.HostileEdits.Edit;
import social.avatarai.mcp.token.CallerRefresh.What;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Whoever can write to the tables, and holds no key, has nothing sent to another place than its own: every attribute of
 * every row is edited, alone and in pairs, and everything is done that reads the row.
 *
 * <p>Attributes are taken from the rows as they are stored, so a new one is edited without being listed here.
 */
class EditedRowsFlowTest {
  private final EditedRowsWorld world = new EditedRowsWorld();
  private final Flow flow = world.world.flow();
  /** Where the browser was sent. */
  private final List<String> shown = new ArrayList<>();

  @AfterEach
  void close() {
    world.close();
  }

  // Everything that reads a row, in an order in which a later deed still finds what it needs

  private interface Deed {
    void done();
  }

  private List<Deed> withGrants() {
    var refreshToken = GrantWorld.refreshTokenOf(world.raw);
    return List.of(() -> access(world.rawConnection()), () -> accessByUrl(), () -> access(SERVER),
        () -> refresh(new What.Stored(world.rawConnection())), () -> refresh(new What.Stored(SERVER)),
        () -> refresh(new What.Token(refreshToken, world.issuer(), world.ownClient)), () -> schedule(), () -> connect(),
        () -> disconnect(world.rawConnection()), () -> disconnect(SERVER));
  }

  private List<Deed> withSessions() {
    return List.of(() -> elsewhere(world.waiting), () -> callback(world.waiting), () -> callback(world.ended),
        () -> callback(world.waitingForServer), () -> complete(), () -> callback(world.waiting),
        () -> access(world.rawConnection()), () -> access(SERVER), () -> disconnect(world.rawConnection()),
        () -> disconnect(SERVER));
  }

  private List<Deed> withRegistrations() {
    return List.of(() -> consent(world.begin(world.ownClient)), () -> consent(world.begin(null)), () -> connect(),
        () -> refresh(new What.Token(new RefreshToken("not-in-our-keeping"), world.issuer(), world.ownClient)),
        () -> access(world.rawConnection()), () -> disconnect(world.rawConnection()), () -> disconnect(SERVER),
        () -> connect(), () -> forget());
  }

  private List<Deed> withServers() {
    return List.of(() -> connect(), () -> access(SERVER), () -> putAsShown(), () -> access(SERVER),
        () -> disconnect(SERVER), () -> access(SERVER), () -> connect(), () -> access(SERVER), () -> disconnect(SERVER));
  }

  private void access(ConnectionId connection) {
    flow.access(USER, new Target.ByConnection(connection), listTools(), deadline());
  }

  private void accessByUrl() {
    flow.access(USER, new Target.ByUrl(new EndpointUrl(world.world.mcp.url())), listTools(), deadline());
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

  /** The app shows a record, and keeps it as it was shown. */
  private void putAsShown() {
    flow.putServer(USER, SERVER, flow.server(USER, SERVER), deadline());
  }

  private void connect() {
    if (flow.connect(USER, SERVER, null, null, world.world.now()) instanceof Connecting.AuthorizationRequired(var begun)) {
      consent(begun);
    }
  }

  private void consent(Begun begun) {
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
      case CallbackOutcome.Told told -> told.returnTo();
      case CallbackOutcome.Failed failed -> failed.returnTo();
      case CallbackOutcome.Parked parked -> parked.returnTo();
    }));
  }

  // The tries

  private void tryAll(String table, List<Deed> deeds) {
    var tried = new HashSet<Set<String>>();
    for (var row : world.victims(table)) {
      var edits = new HostileEdits(world.collector.url(), world.donors(table, row));
      edits.singles(row).forEach(edit -> tryOne(table, row, List.of(edit), deeds));
      edits.pairs(row).forEach(pair -> tryPair(table, row, pair, deeds));
      tried.add(row.keySet());
    }
    assertThat(tried).isNotEmpty();
    assertThat(world.strayedHere()).isEmpty();
  }

  /** A row that the store does not read gives nothing to send: where both edits leave it readable, all is done again. */
  private void tryPair(String table, Map<String, AttributeValue> row, List<Edit> edits, List<Deed> deeds) {
    world.put(table, edited(row, edits));
    if (world.isReadable()) tryOne(table, row, edits, deeds);
    else
      world.put(table, row);
  }

  private void tryOne(String table, Map<String, AttributeValue> row, List<Edit> edits, List<Deed> deeds) {
    world.put(table, edited(row, edits));
    shown.clear();
    for (var deed : deeds) {
      try {
        deed.done();
      } catch (Failure refused) {
        // Clear, and nothing was sent: see below.
      } catch (RuntimeException e) {
        throw new AssertionError("not refused, but broken: " + edits + " of " + row, e);
      }
    }
    assertThat(world.leaks(shown)).as("%s of %s", edits, row).isEmpty();
    world.restore();
  }

  private static Map<String, AttributeValue> edited(Map<String, AttributeValue> row, List<Edit> edits) {
    var edited = row;
    for (var edit : edits)
      edited = edit.applyTo(edited);
    return edited;
  }

  @Test
  void nothingOfAGrantIsSentElsewhere() {
    tryAll(world.world.surroundings.tables().tokens(), withGrants());
  }

  @Test
  void nothingOfAGrantThatHasToBeRenewedIsSentElsewhere() {
    world.world.clock.advance(Duration.ofMinutes(61));
    tryAll(world.world.surroundings.tables().tokens(), withGrants());
  }

  @Test
  void nothingOfAFlowIsSentElsewhere() {
    tryAll(world.world.surroundings.tables().sessions(), withSessions());
  }

  @Test
  void nothingOfAClientIsSentElsewhere() {
    tryAll(world.world.surroundings.tables().registrations(), withRegistrations());
  }

  @Test
  void nothingIsAskedOfAnotherServerThanTheUsers() {
    tryAll(world.world.surroundings.tables().servers(), withServers());
  }

  @Test
  void everythingIsSentWhereNothingIsEdited() {
    var server = world.world.server;
    int codes = server.tokenRequests().size();
    for (var deeds : List.of(withGrants(), withSessions(), withRegistrations(), withServers())) {
      deeds.forEach(Deed::done);
      world.restore();
    }
    assertThat(server.tokenRequests()).hasSizeGreaterThan(codes + 10);
    assertThat(server.tokenRequests().toString()).contains("not-in-our-keeping");
    assertThat(server.revocations()).hasSizeGreaterThan(6);
    assertThat(server.registrationManagement().requests()).isNotEmpty();
    assertThat(shown).contains(RETURN_TO).anyMatch(url -> url.startsWith(server.issuer() + "/authorize"));
    assertThat(world.leaks(shown)).isEmpty();
    assertThat(world.strayedHere()).isEmpty();
    assertThat(world.isReadable()).isTrue();
  }
}
