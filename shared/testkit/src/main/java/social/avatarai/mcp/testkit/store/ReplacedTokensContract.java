package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Secret;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Identity;
import social.avatarai.mcp.token.ReplacedToken;
import social.avatarai.mcp.token.ReplacedTokens;
import social.avatarai.mcp.token.ReplacedTokens.OfClient;

/** The contract of {@link ReplacedTokens}. {@link Grants} in the same store must ignore the replaced tokens. */
public abstract class ReplacedTokensContract {

  protected abstract ReplacedTokens tokens();

  protected abstract Grants grants();

  private ReplacedToken kept(ConnectionKey key, long secondsAgo) {
    var token = Samples.replacedToken(key, secondsAgo);
    tokens().keep(token);
    return token;
  }

  private static ReplacedToken version(ReplacedToken token, long version) {
    return new ReplacedToken(token.connection(), token.grant(), version, token.target(), token.client(),
        new RefreshToken("refresh-of-version-" + version), token.replacedAt().plusSeconds(version));
  }

  @Test
  void findsNothingOfAConnectionThatReplacedNothing() {
    assertThat(tokens().of(Samples.key())).isEmpty();
    assertThat(tokens().connections(Samples.user())).isEmpty();
  }

  @Test
  void findsThoseOfAConnectionInTheOrderInWhichTheyWereReplaced() {
    var key = Samples.key();
    var kept = IntStream.of(10, 50, 30, 20, 40).mapToObj(ago -> kept(key, ago)).toList();
    assertThat(tokens().of(key)).containsExactly(kept.get(1), kept.get(4), kept.get(2), kept.get(3), kept.get(0));
  }

  @Test
  void keepsWhatTheRecordStatesOfTheIssuer() {
    var token = Samples.statedReplacedToken(Samples.key());
    tokens().keep(token);
    assertThat(tokens().of(token.connection())).containsExactly(token);
  }

  @Test
  void findsNothingOfAnotherConnectionOrUser() {
    var key = Samples.key();
    kept(key, 1);
    assertThat(tokens().of(new ConnectionKey(Samples.user(), key.connection()))).isEmpty();
    for (var other : List.of("invented", "invented-server2", "r:" + "0".repeat(64)))
      assertThat(tokens().of(new ConnectionKey(key.user(), new ConnectionId(other)))).isEmpty();
  }

  @Test
  void ofSeveralVersionsOfAGrantTheLatestIsKeptInWhateverOrderTheyCome() {
    var first = Samples.replacedToken(Samples.key(), 1);
    var third = version(first, 3);
    tokens().keep(first);
    tokens().keep(third);
    tokens().keep(version(first, 2));
    assertThat(tokens().of(first.connection())).containsExactly(third);
  }

  @Test
  void keepingOneAgainChangesNothing() {
    var token = kept(Samples.key(), 1);
    tokens().keep(token);
    assertThat(tokens().of(token.connection())).containsExactly(token);
  }

  @Test
  void forgetsOneAndNoOther() {
    var key = Samples.key();
    var one = kept(key, 2);
    var other = kept(key, 1);
    tokens().forget(one);
    tokens().forget(one);
    assertThat(tokens().of(key)).containsExactly(other);
  }

  @Test
  void forgetsNoLaterVersionThanTheGivenOne() {
    var first = kept(Samples.key(), 1);
    var second = version(first, 2);
    tokens().keep(second);
    tokens().forget(first);
    assertThat(tokens().of(first.connection())).containsExactly(second);
  }

  @Test
  void listsTheConnectionsOfAUserThatHaveAnyEachOnce() {
    var user = Samples.user();
    var one = new ConnectionKey(user, new ConnectionId("one"));
    var resource = new ConnectionKey(user, new ConnectionId("r:" + "a".repeat(64)));
    kept(one, 2);
    kept(one, 1);
    kept(resource, 1);
    grants().store(Samples.grant(new ConnectionKey(user, new ConnectionId("two"))));
    kept(Samples.key(), 1);
    assertThat(tokens().connections(user)).containsExactly(one.connection(), resource.connection());
  }

  private ReplacedToken keptOf(ConnectionKey key, Grant like, Secret token) {
    var kept = new ReplacedToken(key, GrantId.fresh(), 1, like.target(), like.client(), token, NOW);
    tokens().keep(kept);
    return kept;
  }

  @Test
  void findsWhatAUserHasOfAClientOnAllConnections() {
    var user = Samples.user();
    var one = new ConnectionKey(user, new ConnectionId("one"));
    var grant = Samples.grant(new ConnectionKey(user, new ConnectionId("two")));
    var issuer = grant.target().issuer();
    var client = grant.client().id();
    assertThat(tokens().ofClient(user, issuer, client, NOW)).isEqualTo(new OfClient(List.of(), List.of()));
    var first = kept(one, 2);
    var second = kept(grant.key(), 1);
    keptOf(one, Samples.grantOfAnotherIssuer(one), new RefreshToken("refresh-of-another-issuer"));
    kept(Samples.key(), 1);
    assertThat(tokens().ofClient(user, issuer, client, NOW)).isEqualTo(new OfClient(List.of(), List.of(first, second)));
    grants().store(Samples.grantOfAnotherIssuer(one));
    assertThat(tokens().ofClient(user, issuer, client, NOW).grants()).isEmpty();
    grants().store(grant);
    assertThat(tokens().ofClient(user, issuer, client, NOW))
        .isEqualTo(new OfClient(List.of(Optional.ofNullable(grant.tokens().identity())), List.of(first, second)));
    assertThat(tokens().ofClient(user, issuer.otherSpelling(), client, NOW).tokens()).containsExactly(first, second);
    assertThat(tokens().ofClient(user, issuer, new ClientId("another-client"), NOW))
        .isEqualTo(new OfClient(List.of(), List.of()));
    assertThat(tokens().ofClient(Samples.user(), issuer, client, NOW)).isEqualTo(new OfClient(List.of(), List.of()));
  }

  @Test
  void keepsTheAccountOfATokenAndFindsThoseOfTheGrants() {
    var grant = Samples.grantOf(Samples.key(), "alice");
    var bob = new Identity(Samples.ISSUER.value(), "bob", "Bob", "/user/id");
    var token = new ReplacedToken(grant.key(), GrantId.fresh(), 1, grant.target(), grant.client(),
        new RefreshToken("refresh-of-bob"), NOW, bob);
    tokens().keep(token);
    grants().store(grant);
    assertThat(tokens().ofClient(grant.key().user(), grant.target().issuer(), grant.client().id(), NOW))
        .isEqualTo(new OfClient(List.of(Optional.ofNullable(grant.tokens().identity())), List.of(token)));
  }

  @Test
  void keepsAnAccessTokenAsWhatItIs() {
    var grant = Samples.plainGrant(Samples.key());
    var token = keptOf(grant.key(), grant, grant.tokens().accessToken());
    assertThat(tokens().of(grant.key())).containsExactly(token);
  }

  @Test
  void grantsTakeNoNoticeOfThem() {
    var key = Samples.key();
    var token = kept(key, 1);
    assertThat(grants().connections(key.user())).isEmpty();
    assertThat(grants().read(key)).isEmpty();
    assertThat(grants().findByRefreshToken(key.user(), (RefreshToken) Objects.requireNonNull(token.token()))).isEmpty();
    assertThat(token.client().owner()).isEqualTo(Owner.of(key.user()));
    assertThat(grants().isNamed(key.user(), token.target().issuer(), token.client().id()))
        .as("its client is needed to revoke it").isTrue();
    grants().store(Samples.grant(key));
    assertThat(tokens().of(key)).containsExactly(token);
  }

  @Test
  void grantThatWasReplacedMayComeAgain() {
    var grant = Samples.grant();
    var token = new ReplacedToken(grant.key(), grant.id(), grant.version(), grant.target(), grant.client(),
        Objects.requireNonNull(grant.tokens().refreshToken()), NOW);
    tokens().keep(token);
    grants().store(grant);
    assertThat(grants().read(grant.key())).contains(grant);
    assertThat(tokens().of(grant.key())).containsExactly(token);
  }
}
