package social.avatarai.mcp.testkit.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.StatedEndpoints;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.ConnectionError;
import social.avatarai.mcp.record.LiveCredentials;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.McpServer.Terms;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.Revision;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.record.StoredServer;
import social.avatarai.mcp.record.UnboundSecrets;
import social.avatarai.mcp.registration.RequestCounter;

/** The contract of {@link Servers}. */
public abstract class ServersContract {
  private static final NegotiatedProtocol PROTOCOL = new NegotiatedProtocol("2025-11-25",
      new McpSessionId("invented-mcp-session"));
  private static final String DOCUMENT = "{'mcpId':'one','zero':'0001-01-01T00:00:00Z','expireAt':-62135596800,"
      + "'args':null,'schema':'','createdAt':1750771409}";

  protected abstract Servers servers();

  /** The counters in the same partitions as the users' servers. */
  protected abstract RequestCounter counter();

  private static McpServer server(ConnectionKey key, @Nullable NegotiatedProtocol protocol) {
    var terms = new Terms(Scopes.parse("repo user"), Samples.ISSUER, new ClientId("client-1"),
        ClientAuthenticationMethod.CLIENT_SECRET_BASIC, true);
    return new McpServer(key, new EndpointUrl("https://mcp.example/mcp?team=1"), true, terms, Status.DISCONNECTED,
        Json.object(DOCUMENT.replace('\'', '"').getBytes(UTF_8)).orElseThrow(), protocol);
  }

  private static McpServer plainServer(UserId user, String mcpId) {
    return new McpServer(new ConnectionKey(user, new ConnectionId(mcpId)), new EndpointUrl("https://mcp.example/"),
        false,
        new Terms(Scopes.none(), null, null, null, false), Status.CONNECTED, Json.newObject(), null);
  }

  private static McpServer in(McpServer server, Status status, @Nullable NegotiatedProtocol protocol) {
    return new McpServer(server.key(), server.url(), server.enabled(), server.terms(), status, server.document(),
        protocol);
  }

  @Test
  void findsNothingWhereNoneIs() {
    assertThat(servers().find(Samples.key())).isEmpty();
    assertThat(servers().all(Samples.user())).isEmpty();
  }

  @Test
  void findsWhatWasPutForItsUserAlone() {
    var server = server(Samples.key(), PROTOCOL);
    servers().put(server);
    assertThat(servers().find(server.key())).contains(server);
    assertThat(servers().find(new ConnectionKey(Samples.user(), server.key().connection()))).isEmpty();
    var plain = plainServer(Samples.user(), "plain");
    servers().put(plain);
    assertThat(servers().find(plain.key())).contains(plain);
  }

  @Test
  void findsTheEndpointsThatAUserStates() {
    var like = server(Samples.key(), PROTOCOL);
    for (var endpoints : List.of(Samples.statedEndpoints(), withoutOptional(Samples.statedEndpoints()))) {
      var server = stating(like, endpoints);
      servers().put(server);
      assertThat(servers().find(like.key())).contains(server);
      var elsewhere = new EndpointUrl("https://mcp.example/mcp/?team=1");
      assertThat(servers().relocate(like, elsewhere)).as("of a record that states none").isFalse();
    }
    servers().put(like);
    assertThat(servers().find(like.key())).contains(like);
  }

  private static StatedEndpoints withoutOptional(StatedEndpoints full) {
    return new StatedEndpoints(full.authorization(), full.token(), null, StatedEndpoints.STANDARD_SEPARATOR);
  }

  private static McpServer stating(McpServer like, StatedEndpoints endpoints) {
    var terms = like.terms();
    return new McpServer(like.key(), like.url(), like.enabled(), new Terms(terms.scopes(), terms.issuer(),
        terms.clientId(), terms.method(), terms.hasSecret(), endpoints), like.status(), like.document(),
        like.protocol());
  }

  @Test
  void putsInPlaceOfWhatWasThere() {
    var before = server(Samples.key(), PROTOCOL);
    servers().put(before);
    var after = in(before, Status.DISCONNECTED, null);
    servers().put(after);
    assertThat(servers().find(before.key())).contains(after);
  }

  private Revision putNow(McpServer server, Precondition precondition) {
    return servers().put(server, precondition).orElseThrow();
  }

  private Revision revision(McpServer server) {
    return servers().stored(server.key()).orElseThrow().revision();
  }

  @Test
  void eachWriteOfAUserHasARevisionOfItsOwn() {
    var server = server(Samples.key(), null);
    var first = putNow(server, Precondition.none());
    assertThat(revision(server)).isEqualTo(first);
    var second = putNow(server, Precondition.none());
    assertThat(second).isNotEqualTo(first);
    assertThat(servers().stored(server.key())).contains(new StoredServer(server, second));
    assertThat(servers().relocate(server, WITH_SLASH)).isTrue();
    assertThat(revision(server)).isNotIn(first, second);
  }

  @Test
  void noteKeepsTheRevision() {
    var server = server(Samples.key(), null);
    var revision = putNow(server, Precondition.none());
    servers().note(server.key(), Status.CONNECTED, ERROR);
    servers().keepProtocol(server, PROTOCOL);
    servers().forgetProtocol(servers().find(server.key()).orElseThrow());
    assertThat(revision(server)).isEqualTo(revision);
  }

  @Test
  void putsWhereTheExpectedRevisionIsAndNowhereElse() {
    var server = server(Samples.key(), null);
    var first = putNow(server, Precondition.absent());
    var other = plainServer(server.key().user(), server.key().connection().value());
    for (var unmet : List.of(Precondition.absent(), Precondition.is(Revision.fresh()),
        Precondition.is(Revision.EARLIER), new Precondition.AnyOf(Set.of(Revision.fresh(), new Revision(""))))) {
      assertThat(servers().put(other, unmet)).as(unmet.toString()).isEmpty();
      assertThat(servers().stored(server.key())).contains(new StoredServer(server, first));
    }
    var second = putNow(other, new Precondition.AnyOf(Set.of(Revision.fresh(), first)));
    assertThat(servers().stored(server.key())).contains(new StoredServer(other, second));
    var third = putNow(server, new Precondition.Present());
    assertThat(revision(server)).isEqualTo(third);
  }

  @Test
  void putsNothingWhereAServerIsExpectedAndNoneIs() {
    var gone = server(Samples.key(), null);
    for (var unmet : List.of(new Precondition.Present(), Precondition.is(Revision.fresh()),
        Precondition.is(Revision.EARLIER))) {
      assertThat(servers().put(gone, unmet)).as(unmet.toString()).isEmpty();
      assertThat(servers().find(gone.key())).isEmpty();
    }
  }

  @Test
  void ofTwoWritersWhoHaveReadTheSameOneWins() throws Exception {
    var server = server(Samples.key(), null);
    var read = Precondition.is(putNow(server, Precondition.none()));
    var written = Race.of(_ -> () -> servers().put(server, read));
    assertThat(written.stream().filter(Optional::isPresent)).singleElement()
        .isEqualTo(Optional.of(revision(server)));
  }

  @Test
  void deletesWhereTheExpectedRevisionIsAndNowhereElse() {
    var server = server(Samples.key(), null);
    var revision = putNow(server, Precondition.none());
    assertThat(servers().delete(server.key(), Precondition.is(Revision.fresh()))).isFalse();
    assertThat(servers().find(server.key())).contains(server);
    assertThat(servers().delete(server.key(), Precondition.is(revision))).isTrue();
    assertThat(servers().find(server.key())).isEmpty();
    assertThat(servers().delete(server.key(), Precondition.is(revision))).isFalse();
  }

  @Test
  void pagesThroughAUsersServersAndNoCounters() {
    var user = Samples.user();
    var all = List.of(plainServer(user, "A"), plainServer(user, "a-server"), plainServer(user, "zz"));
    all.forEach(servers()::put);
    servers().forgettingSince(user, Samples.NOW);
    counter().count(user, 600, Samples.NOW);
    assertThat(servers().page(user, null, 2)).isEqualTo(all.subList(0, 2));
    assertThat(servers().page(user, new ConnectionId("a-server"), 2)).isEqualTo(all.subList(2, 3));
    assertThat(servers().page(user, new ConnectionId("b"), 2)).isEqualTo(all.subList(2, 3));
    assertThat(servers().page(user, new ConnectionId("zz"), 2)).isEmpty();
    assertThat(servers().page(user, null, 50)).isEqualTo(all);
  }

  @Test
  void listsAUsersServersAndNoCounters() {
    var user = Samples.user();
    var all = List.of(plainServer(user, "A"), plainServer(user, "a-server"), plainServer(user, "zz"));
    all.reversed().forEach(servers()::put);
    counter().count(user, 600, Samples.NOW);
    servers().put(plainServer(Samples.user(), "another-users"));
    assertThat(servers().all(user)).isEqualTo(all);
  }

  @Test
  void deletesAServerAndNothingElse() {
    var user = Samples.user();
    var gone = plainServer(user, "gone");
    var stays = plainServer(user, "stays");
    servers().put(gone);
    servers().put(stays);
    servers().delete(gone.key());
    servers().delete(gone.key());
    assertThat(servers().all(user)).containsExactly(stays);
  }

  @Test
  void notesAStatusAndNothingElse() {
    var server = server(Samples.key(), PROTOCOL);
    servers().put(server);
    servers().note(server.key(), Status.AUTHORIZATION_REQUIRED, null);
    assertThat(servers().find(server.key())).contains(in(server, Status.AUTHORIZATION_REQUIRED, PROTOCOL));
  }

  /** Secrets that are not in use, each member of them there. */
  private static UnboundSecrets unbound(@Nullable String secret, @Nullable String token) {
    var credentials = token == null
        ? null
        : new LiveCredentials(new AccessToken(token), new RefreshToken("refresh-" + token), Scopes.parse("repo user"),
            Samples.NOW, Samples.NOW.plusSeconds(60));
    return new UnboundSecrets(Samples.ISSUER, new ClientId("client-1"),
        secret == null ? null : new ClientSecret(secret),
        credentials);
  }

  @Test
  void findsSecretsThatAreNotInUse() {
    var server = plainServer(Samples.user(), "one");
    var few = new UnboundSecrets(null, null, null,
        new LiveCredentials(new AccessToken("token"), null, Scopes.none(), null, null));
    for (var secrets : Arrays.asList(unbound("secret", "token"), unbound("secret", null), unbound(null, "token"), few,
        null)) {
      servers().put(server.keeping(secrets));
      assertThat(servers().find(server.key())).contains(server.keeping(secrets));
    }
    assertThat(servers().find(server.key()).orElseThrow().unbound()).as("gone with the record that had it").isNull();
  }

  @Test
  void recordCanLackItsIssuer() {
    var plain = plainServer(Samples.user(), "one");
    var server = new McpServer(plain.key(), plain.url(), true,
        new Terms(Scopes.none(), null, null, null, false, null, true),
        Status.DISCONNECTED, Json.newObject(), null).keeping(unbound("secret", "token"));
    servers().put(server);
    assertThat(servers().find(server.key())).contains(server);
  }

  @Test
  void keepsWhatIsLeftOfTheSecretsAndNothingElse() {
    var server = server(Samples.key(), PROTOCOL).keeping(unbound("secret", "token"));
    servers().put(server);
    servers().keepUnbound(server, unbound("secret", null));
    var left = server.keeping(unbound("secret", null));
    assertThat(servers().find(server.key())).contains(left);
    servers().keepUnbound(left, null);
    assertThat(servers().find(server.key())).contains(server.keeping(null));
  }

  @Test
  void secretsThatCameMeanwhileStay() {
    var server = plainServer(Samples.user(), "one").keeping(unbound("secret", "token"));
    var later = server.keeping(unbound("secret", "later-token"));
    servers().put(later);
    servers().keepUnbound(server, null);
    assertThat(servers().find(server.key())).contains(later);
    servers().delete(server.key());
    servers().keepUnbound(later, null);
    assertThat(servers().find(server.key())).isEmpty();
  }

  @Test
  void statusNotesAndMovesLeaveTheSecrets() {
    var server = server(Samples.key(), PROTOCOL).keeping(unbound("secret", "token"));
    servers().put(server);
    servers().note(server.key(), Status.CONNECTED, null);
    assertThat(servers().find(server.key()).orElseThrow().unbound()).isEqualTo(server.unbound());
    var to = new EndpointUrl("https://mcp.example/mcp/?team=1");
    assertThat(servers().relocate(servers().find(server.key()).orElseThrow(), to)).isTrue();
    assertThat(servers().find(server.key()).orElseThrow().unbound()).isEqualTo(server.unbound());
  }

  @Test
  void disconnectionIsNotedInOneStepWhereNoSecretIsLeft() {
    var server = server(Samples.key(), PROTOCOL);
    servers().put(failed(in(server, Status.CONNECTED, PROTOCOL)));
    assertThat(servers().noteDisconnected(server.key())).isEqualTo(Servers.Disconnection.NOTED);
    assertThat(servers().find(server.key())).contains(in(server, Status.DISCONNECTED, PROTOCOL));
    var withSecrets = in(server, Status.CONNECTED, PROTOCOL).keeping(unbound(null, "token"));
    servers().put(withSecrets);
    assertThat(servers().noteDisconnected(server.key())).isEqualTo(Servers.Disconnection.HAS_SECRETS);
    assertThat(servers().find(server.key())).contains(withSecrets);
    assertThat(servers().noteDisconnected(new ConnectionKey(Samples.user(), new ConnectionId("none"))))
        .isEqualTo(Servers.Disconnection.ABSENT);
  }

  private static final ConnectionError ERROR = new ConnectionError(ErrorCode.UPSTREAM_TIMEOUT, Samples.NOW,
      "The server did not answer in time.");

  private static McpServer failed(McpServer server) {
    return new McpServer(server.key(), server.url(), server.enabled(), server.terms(), server.status(),
        server.document(), server.protocol(), ERROR);
  }

  @Test
  void notesWhyConnectingFailedAndForgetsItAgain() {
    var server = server(Samples.key(), PROTOCOL);
    servers().put(server);
    servers().note(server.key(), server.status(), ERROR);
    assertThat(servers().find(server.key())).contains(failed(server));
    servers().note(server.key(), server.status(), null);
    assertThat(servers().find(server.key())).contains(server);
  }

  @Test
  void putsWhyConnectingFailedWithTheServer() {
    var server = failed(server(Samples.key(), null));
    servers().put(server);
    assertThat(servers().find(server.key())).contains(server);
  }

  @Test
  void notesNothingWhereNoServerIs() {
    var gone = server(Samples.key(), null);
    servers().note(gone.key(), Status.CONNECTED, ERROR);
    servers().keepProtocol(gone, PROTOCOL);
    assertThat(servers().find(gone.key())).isEmpty();
  }

  private static final EndpointUrl WITH_SLASH = new EndpointUrl("https://mcp.example/mcp/?team=1");

  private static McpServer spelled(ConnectionKey key) {
    var server = server(key, PROTOCOL);
    var document = server.document().deepCopy();
    document.withObject("endpoint").put("url", server.url().redacted());
    return new McpServer(key, server.url(), true, server.terms(), server.status(), document, PROTOCOL, ERROR);
  }

  @Test
  void relocatesAServerAndForgetsWhatWasAgreedAtTheFormerUrl() {
    var server = spelled(Samples.key());
    servers().put(server);
    assertThat(servers().relocate(server, WITH_SLASH)).isTrue();
    var moved = servers().find(server.key()).orElseThrow();
    assertThat(moved).isEqualTo(server.relocated(WITH_SLASH));
    assertThat(moved.url()).isEqualTo(WITH_SLASH);
    assertThat(moved.protocol()).isNull();
    assertThat(servers().keepProtocol(moved, PROTOCOL)).as("the new URL is the row's own").isTrue();
  }

  @Test
  void relocatesNoServerThatItsUserHasChangedMeanwhile() {
    var read = spelled(Samples.key());
    var terms = read.terms();
    var switchedOff = new McpServer(read.key(), read.url(), false, terms, read.status(), read.document(), null);
    var otherClient = new McpServer(read.key(), read.url(), true, new Terms(terms.scopes(), terms.issuer(),
        new ClientId("client-2"), terms.method(), terms.hasSecret()), read.status(), read.document(), null);
    var noTerms = new McpServer(read.key(), read.url(), true, new Terms(Scopes.none(), null, null, null, false),
        read.status(), read.document(), null);
    var otherDocument = new McpServer(read.key(), read.url(), true, terms, read.status(),
        read.document().deepCopy().put("note", "mine"), null);
    var otherQuery = new McpServer(read.key(), new EndpointUrl("https://mcp.example/mcp?team=2"), true, terms,
        read.status(), read.document(), null);
    for (var changed : List.of(switchedOff, otherClient, noTerms, otherDocument, otherQuery)) {
      servers().put(changed);
      assertThat(servers().relocate(read, WITH_SLASH)).isFalse();
      assertThat(servers().find(read.key())).contains(changed);
    }
  }

  @Test
  void relocatesNoServerWhoseSecretsThatAreNotInUseHaveChangedMeanwhile() {
    var none = spelled(Samples.key());
    var older = none.keeping(unbound("secret", "token"));
    var newer = none.keeping(unbound("secret", "newer-token"));
    for (var read : List.of(none, older)) {
      for (var changed : List.of(none, older, newer)) {
        if (changed.equals(read)) continue;
        servers().put(changed);
        assertThat(servers().relocate(read, WITH_SLASH)).as("older secrets in place of newer ones").isFalse();
        assertThat(servers().find(read.key())).contains(changed);
      }
    }
  }

  @Test
  void relocatesNoServerThatIsDeleted() {
    var gone = spelled(Samples.key());
    servers().put(gone);
    servers().delete(gone.key());
    assertThat(servers().relocate(gone, WITH_SLASH)).isFalse();
    assertThat(servers().find(gone.key())).isEmpty();
  }

  @Test
  void noteMeanwhileStopsNoRelocation() {
    var read = spelled(Samples.key());
    servers().put(read);
    servers().note(read.key(), Status.AUTHORIZATION_REQUIRED, null);
    assertThat(servers().relocate(read, WITH_SLASH)).isTrue();
    assertThat(servers().find(read.key()).orElseThrow().status()).isEqualTo(Status.AUTHORIZATION_REQUIRED);
  }

  @Test
  void keepsWhatWasAgreedWithTheServerOfThisUrlOnly() {
    var server = server(Samples.key(), null);
    servers().put(server);
    for (String elsewhere : List.of("https://elsewhere.example/mcp?team=1", "https://mcp.example/mcp?team=2",
        "https://mcp.example/mcp")) {
      var moved = new McpServer(server.key(), new EndpointUrl(elsewhere), true, server.terms(), server.status(),
          server.document(), null);
      servers().keepProtocol(moved, PROTOCOL);
      assertThat(servers().find(server.key())).as(elsewhere).contains(server);
    }
    assertThat(servers().keepProtocol(server, PROTOCOL)).isTrue();
    var kept = in(server, Status.DISCONNECTED, PROTOCOL);
    assertThat(servers().find(server.key())).contains(kept);
    assertThat(servers().keepProtocol(kept, new NegotiatedProtocol("2026-07-28", null))).isTrue();
    assertThat(servers().find(server.key()))
        .contains(in(server, Status.DISCONNECTED, new NegotiatedProtocol("2026-07-28", null)));
    var overSse = in(server, Status.DISCONNECTED, NegotiatedProtocol.overSse("2024-11-05"));
    assertThat(servers().keepProtocol(in(server, Status.DISCONNECTED, NegotiatedProtocol.modern()),
        NegotiatedProtocol.overSse("2024-11-05"))).isTrue();
    assertThat(servers().find(server.key())).contains(overSse);
    servers().forgetProtocol(overSse);
    assertThat(servers().find(server.key())).contains(in(server, Status.DISCONNECTED, null));
  }

  private static McpServer entered(McpServer server) {
    return server.with(Samples.entered(server.url()));
  }

  @Test
  void putsEnteredCredentialsWithTheServerAndInPlaceOfOthers() {
    var server = entered(server(Samples.key(), PROTOCOL));
    servers().put(server);
    assertThat(servers().find(server.key())).contains(server);
    assertThat(servers().all(server.key().user())).containsExactly(server);
    var other = entered(server);
    servers().put(other);
    assertThat(servers().find(server.key())).contains(other);
    var without = server(server.key(), null);
    servers().put(without);
    assertThat(servers().find(server.key())).contains(without);
  }

  @Test
  void enteredCredentialsStayThroughNotesAndARelocation() {
    var server = entered(spelled(Samples.key()));
    servers().put(server);
    servers().note(server.key(), Status.CONNECTED, null);
    assertThat(servers().relocate(server, WITH_SLASH)).isTrue();
    assertThat(servers().find(server.key()).orElseThrow().entered()).isEqualTo(server.entered());
  }

  @Test
  void relocatesNoServerThatHasGotOrLostEnteredCredentialsMeanwhile() {
    var without = spelled(Samples.key());
    var with = entered(without);
    for (var read : List.of(without, with)) {
      var changed = read.equals(with) ? without : with;
      servers().put(changed);
      assertThat(servers().relocate(read, WITH_SLASH)).isFalse();
      assertThat(servers().find(read.key())).contains(changed);
    }
  }

  @Test
  void keepsWhatWasAgreedWithTheEnteredCredentialsOfTheRowOnly() {
    var without = server(Samples.key(), null);
    var with = entered(without);
    for (var current : List.of(with, without)) {
      servers().put(current);
      for (var earlier : List.of(with, entered(without), without)) {
        if (earlier.equals(current)) continue;
        assertThat(servers().keepProtocol(earlier, PROTOCOL)).as("a session of another account").isFalse();
        servers().forgetProtocol(earlier.with(PROTOCOL));
        assertThat(servers().find(current.key())).contains(current);
      }
      assertThat(servers().keepProtocol(current, PROTOCOL)).isTrue();
    }
  }

  @Test
  void firstOfTwoSessionsStays() {
    var server = server(Samples.key(), null);
    servers().put(server);
    var other = new NegotiatedProtocol("2025-11-25", new McpSessionId("other-mcp-session"));
    assertThat(servers().keepProtocol(server, other)).isTrue();
    assertThat(servers().keepProtocol(server, PROTOCOL)).isFalse();
    assertThat(servers().keepProtocol(server, other)).as("a second try of the first").isTrue();
    assertThat(servers().find(server.key())).contains(in(server, Status.DISCONNECTED, other));
  }

  @Test
  void forgetsTheSessionThatIsKnownAndNoOther() {
    var server = server(Samples.key(), PROTOCOL);
    servers().put(server);
    servers().forgetProtocol(server(server.key(), null));
    assertThat(servers().find(server.key())).contains(server);
    servers().forgetProtocol(server);
    assertThat(servers().find(server.key())).contains(server(server.key(), null));
  }

  @Test
  void forgetsWhatWasAgreedUnlessAnotherCallHasAgreedSince() {
    var server = in(server(Samples.key(), null), Status.DISCONNECTED, PROTOCOL);
    servers().put(server);
    var newer = new NegotiatedProtocol("2025-06-18", new McpSessionId("newer-mcp-session"));
    servers().keepProtocol(server, newer);
    servers().forgetProtocol(server);
    var current = servers().find(server.key()).orElseThrow();
    assertThat(current.protocol()).as("what another call has agreed on").isEqualTo(newer);
    servers().forgetProtocol(current);
    assertThat(servers().find(server.key()).orElseThrow().protocol()).isNull();
  }

  @Test
  void listsTheIdsOfAUsersServers() {
    var user = Samples.user();
    servers().put(plainServer(user, "zz"));
    servers().put(plainServer(user, "A"));
    counter().count(user, 600, Samples.NOW);
    assertThat(servers().connections(user)).containsExactly(new ConnectionId("A"), new ConnectionId("zz"));
    assertThat(servers().connections(Samples.user())).isEmpty();
  }

  @Test
  void remembersForADaySinceWhenAUserIsBeingForgotten() {
    var user = Samples.user();
    assertThat(servers().forgettingSince(user, Samples.NOW)).isEqualTo(Samples.NOW);
    assertThat(servers().forgettingSince(user, Samples.NOW.plusSeconds(60))).isEqualTo(Samples.NOW);
    assertThat(servers().connections(user)).isEmpty();
    var aDayLater = Samples.NOW.plus(Duration.ofDays(1)).plusMillis(1);
    assertThat(servers().forgettingSince(user, aDayLater)).isEqualTo(aDayLater);
    servers().endForgetting(user);
    servers().endForgetting(user);
    assertThat(servers().forgettingSince(user, Samples.NOW)).isEqualTo(Samples.NOW);
  }
}
