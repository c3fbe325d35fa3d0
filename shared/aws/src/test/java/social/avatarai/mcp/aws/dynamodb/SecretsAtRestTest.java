package social.avatarai.mcp.aws.dynamodb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.Secret;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.AuthorizationSession;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.ReplacedToken;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** No secret is in the clear in any table, and no secret opens at another place than its own. */
class SecretsAtRestTest {
  private final DynamoDbSessions sessions = new DynamoDbSessions(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final DynamoDbGrants grants = new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER);

  private final DynamoDbReplacedTokens replacedTokens = new DynamoDbReplacedTokens(Stores.client(), Stores.TABLES,
      Stores.CIPHER);

  private AuthorizationSession begun() {
    var session = Samples.session();
    sessions.begin(session);
    return session;
  }

  private Grant stored(Grant grant) {
    grants.store(grant);
    return grant;
  }

  @Test
  void noSecretLiesInTheClear() {
    var secrets = new ArrayList<Secret>();
    var session = begun();
    var parked = Samples.parked();
    sessions.park(session, parked, NOW);
    var grant = stored(Samples.grant());
    var next = grant.renewed(Samples.tokens("next"), GrantState.healthy(NOW, 0));
    grants.commit(next);
    var mcpSession = new McpSessionId("invented-mcp-session-to-look-for");
    grants.keepProtocol(next, new NegotiatedProtocol("2025-11-25", mcpSession));
    var replaced = Samples.replacedToken(grant.key(), 1);
    replacedTokens.keep(replaced);
    secrets.add(Objects.requireNonNull(replaced.token()));
    secrets.addAll(List.of(session.request().verifier(), Objects.requireNonNull(parked.response().code()), mcpSession));
    for (Grant version : List.of(grant, next)) {
      secrets.add(version.tokens().accessToken());
      secrets.add(Objects.requireNonNull(version.tokens().refreshToken()));
    }

    String everything = everythingStored();
    assertThat(everything).contains(grant.key().user().value(), "client-1", parked.completionHash());
    for (Secret secret : secrets) {
      String text = secret.reveal();
      assertThat(everything).doesNotContain(text, Base64.getEncoder().encodeToString(text.getBytes(UTF_8)),
          Digest.sha256Hex(text), Digest.sha256Base64Url(text));
    }
  }

  private static String everythingStored() {
    var tables = Stream.of(Stores.TABLES.sessions(), Stores.TABLES.tokens(), Stores.TABLES.due(),
        Stores.TABLES.registrations(),
        Stores.TABLES.servers());
    var all = new StringBuilder();
    tables.flatMap(table -> Stores.scan(table).stream()).forEach(item -> item.forEach((name, value) -> {
      all.append(name).append('=').append(value).append('\n');
      if (value.b() != null) all.append(value.b().asString(ISO_8859_1)).append('\n');
    }));
    return all.toString();
  }

  private void assertUnreadable(ConnectionKey key) {
    assertThatThrownBy(() -> grants.read(key)).isInstanceOf(Failure.Misconfigured.class);
  }

  private static Map<String, AttributeValue> rawGrant(Grant grant) {
    return new HashMap<>(Stores.raw(Stores.TABLES.tokens(), GrantItem.key(grant.key())));
  }

  /** Writes a grant's item back with one ciphertext of another grant in it. */
  private void transplant(Grant from, String field, Grant into, String intoField) {
    var item = rawGrant(into);
    item.put(intoField, Objects.requireNonNull(rawGrant(from).get(field)));
    Stores.put(Stores.TABLES.tokens(), item);
  }

  @ParameterizedTest
  @ValueSource(strings = {"accessToken", "refreshToken", "identity", "wireSession"})
  void aGrantsSecretOpensForNoOtherUser(String field) {
    var connection = Samples.key().connection();
    var victim = stored(Samples.grant(new ConnectionKey(Samples.user(), connection)));
    var thief = stored(Samples.grant(new ConnectionKey(Samples.user(), connection)));
    transplant(victim, field, thief, field);
    assertUnreadable(thief.key());
    assertThat(grants.read(victim.key())).contains(victim);
  }

  @Test
  void aWholeItemOpensForNoOtherUserAndOnNoOtherConnection() {
    var victim = stored(Samples.grant());
    var otherUser = new ConnectionKey(Samples.user(), victim.key().connection());
    var otherConnection = new ConnectionKey(victim.key().user(), new ConnectionId("hostile-server"));
    for (ConnectionKey elsewhere : List.of(otherUser, otherConnection)) {
      var item = rawGrant(victim);
      item.putAll(GrantItem.key(elsewhere));
      Stores.put(Stores.TABLES.tokens(), item);
      assertUnreadable(elsewhere);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"accessToken", "refreshToken", "identity", "wireSession"})
  void aGrantsSecretOpensOnNoOtherConnection(String field) {
    var user = Samples.user();
    var github = stored(Samples.grant(new ConnectionKey(user, new ConnectionId("one"))));
    var hostile = stored(Samples.grant(new ConnectionKey(user, new ConnectionId("two"))));
    transplant(github, field, hostile, field);
    assertUnreadable(hostile.key());
  }

  @Test
  void anOlderConsentsTokenOpensInNoNewOne() {
    var old = stored(Samples.grant());
    var oldToken = Objects.requireNonNull(rawGrant(old).get("refreshToken"));
    var fresh = stored(Samples.grant(old.key()));
    var item = rawGrant(fresh);
    item.put("refreshToken", oldToken);
    Stores.put(Stores.TABLES.tokens(), item);
    assertUnreadable(fresh.key());
  }

  @Test
  void aRefreshTokenOpensAsNoAccessToken() {
    var grant = stored(Samples.grant());
    transplant(grant, "refreshToken", grant, "accessToken");
    assertUnreadable(grant.key());
  }

  @Test
  void aTokenOpensForNoOtherIssuer() {
    var grant = stored(Samples.grant());
    change(Stores.TABLES.tokens(), rawGrant(grant), "issuer", issuer -> AttributeValue.fromS("https://evil.example"));
    assertUnreadable(grant.key());
  }

  @Test
  void aMacMovedToAnotherGrantFindsNothing() {
    var victim = stored(Samples.grant());
    var thief = stored(Samples.grant());
    transplant(victim, "refreshMac", thief, "refreshMac");
    var token = Objects.requireNonNull(victim.tokens().refreshToken());
    assertThat(grants.findByRefreshToken(thief.key().user(), token)).isEmpty();
    assertThat(grants.findByRefreshToken(victim.key().user(), token)).isPresent();
  }

  private static void change(String table, Map<String, AttributeValue> item, String attribute,
      UnaryOperator<AttributeValue> edit) {
    var changed = new HashMap<>(item);
    changed.put(attribute, edit.apply(Objects.requireNonNull(item.get(attribute))));
    Stores.put(table, changed);
  }

  @Test
  void aReplacedTokenOpensForNoOtherUserConnectionGrantOrIssuer() {
    var token = Samples.replacedToken(Samples.key(), 1);
    replacedTokens.keep(token);
    String table = Stores.TABLES.tokens();
    var item = Stores.raw(table, ReplacedTokenItem.key(token));
    var user = token.connection().user();
    var elsewhere = List.of(
        Values.key("u#mallory", "old#" + token.connection().connection() + "#" + token.grant().value()),
        Values.key("u#" + user, "old#hostile-server#" + token.grant().value()),
        Values.key("u#" + user, "old#" + token.connection().connection() + "#another-grant"));
    for (var key : elsewhere) {
      var moved = new HashMap<>(item);
      moved.putAll(key);
      Stores.put(table, moved);
    }
    change(table, item, "issuer", own -> AttributeValue.fromS("https://evil.example"));
    for (var connection : List.of(token.connection(),
        new ConnectionKey(new UserId("mallory"), token.connection().connection()),
        new ConnectionKey(user, new ConnectionId("hostile-server")))) {
      assertThat(replacedTokens.of(connection)).isNotEmpty().allMatch(found -> found.token() == null);
    }
  }

  @Test
  void aReplacedTokenOpensInNoGrantAndAGrantsOpensInNoPlaceOfAReplacedOne() {
    var grant = stored(Samples.grant());
    var like = Samples.replacedToken(grant.key(), 1);
    var token = new ReplacedToken(grant.key(), grant.id(), 1, grant.target(), grant.client(), like.token(), NOW);
    replacedTokens.keep(token);
    String table = Stores.TABLES.tokens();
    var kept = Stores.raw(table, ReplacedTokenItem.key(token));
    var ofTheGrant = Objects.requireNonNull(rawGrant(grant).get("refreshToken"));
    change(table, rawGrant(grant), "refreshToken",
        own -> Objects.requireNonNull(kept.get(ReplacedTokenItem.SEALED)));
    assertUnreadable(grant.key());
    change(table, kept, ReplacedTokenItem.SEALED, own -> ofTheGrant);
    assertThat(replacedTokens.of(grant.key())).singleElement().matches(found -> found.token() == null);
  }

  @Test
  void aVerifierOpensInNoOtherSession() {
    var one = begun();
    var other = begun();
    String table = Stores.TABLES.sessions();
    var verifier = Objects.requireNonNull(Stores.raw(table, Values.key(one.key().value())).get("verifier"));
    change(table, Stores.raw(table, Values.key(other.key().value())), "verifier", own -> verifier);
    assertThatThrownBy(() -> sessions.find(other.key())).isInstanceOf(Failure.Misconfigured.class);
    assertThat(sessions.find(one.key())).contains(one);
  }

  @Test
  void aVerifierOpensForNoOtherUserOrIssuer() {
    for (String attribute : List.of("user", "connection", "issuer")) {
      var session = begun();
      var item = Stores.raw(Stores.TABLES.sessions(), Values.key(session.key().value()));
      change(Stores.TABLES.sessions(), item, attribute, own -> AttributeValue.fromS(
          attribute.equals("issuer") ? "https://evil.example" : "mallory"));
      assertThatThrownBy(() -> sessions.find(session.key())).isInstanceOf(Failure.Misconfigured.class);
    }
  }

  @Test
  void aParkedCodeOpensAtNoOtherPlaceAndInNoOtherSession() {
    var one = begun();
    var other = begun();
    sessions.park(one, Samples.parked(), NOW);
    sessions.park(one, Samples.parked(), NOW);
    sessions.park(other, Samples.parked(), NOW);
    String table = Stores.TABLES.sessions();
    var code = Objects.requireNonNull(Stores.raw(table, Values.key(one.key() + "#park#1")).get("code"));
    change(table, Stores.raw(table, Values.key(one.key() + "#park#2")), "code", own -> code);
    change(table, Stores.raw(table, Values.key(other.key() + "#park#1")), "code", own -> code);
    assertThatThrownBy(() -> sessions.findWithParked(one.key())).isInstanceOf(Failure.Misconfigured.class);
    assertThatThrownBy(() -> sessions.findWithParked(other.key())).isInstanceOf(Failure.Misconfigured.class);
  }
}
