package social.avatarai.mcp.testkit.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.LiveCredentials;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.record.UnboundSecrets;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.ReplacedToken;
import social.avatarai.mcp.token.ReplacedTokens;
import social.avatarai.mcp.vault.AeadTokenCipher;
import social.avatarai.mcp.vault.KeyRing;
import social.avatarai.mcp.vault.KeyRingSource;
import social.avatarai.mcp.vault.Reencryption;
import social.avatarai.mcp.vault.Reencryption.Area;
import social.avatarai.mcp.vault.Reencryption.Run;
import social.avatarai.mcp.vault.TokenCipher;

/** The contract of {@link Reencryption}, for a store without other data. */
public abstract class ReencryptionContract {
  private static final String OLD = "o".repeat(64);
  private static final String NEW = "n".repeat(64);

  protected static final TokenCipher BEFORE = cipher("{'current':'k1','k1':'" + OLD + "'}");
  protected static final TokenCipher AFTER = cipher("{'current':'k2','k1':'" + OLD + "','k2':'" + NEW + "'}");
  /** A cipher that opens only values sealed with the new key. */
  protected static final TokenCipher ALONE = cipher("{'current':'k2','k2':'" + NEW + "'}");

  private static TokenCipher cipher(String ring) {
    return new AeadTokenCipher(new KeyRingSource.Fixed(KeyRing.parse(ring.replace('\'', '"'))));
  }

  /** Creates an empty store. */
  protected abstract void empty();

  protected abstract Grants grants(TokenCipher cipher);

  protected abstract ReplacedTokens replacedTokens(TokenCipher cipher);

  protected abstract Servers servers(TokenCipher cipher);

  protected abstract Reencryption reencryption(TokenCipher cipher);

  @BeforeEach
  void begin() {
    empty();
  }

  protected static Deadline inTime() {
    return Deadline.in(Duration.ofSeconds(25));
  }

  protected final Run run(Area area) {
    return reencryption(AFTER).run(area, null, inTime());
  }

  protected final Grant stored(Grant grant) {
    grants(BEFORE).store(grant);
    return grant;
  }

  private static RefreshToken token(Grant grant) {
    return Objects.requireNonNull(grant.tokens().refreshToken());
  }

  private static McpServer server(String mcpId) {
    return new McpServer(new ConnectionKey(Samples.user(), new ConnectionId(mcpId)),
        new EndpointUrl("https://mcp.example/"), true, new McpServer.Terms(Scopes.none(), null, null, null, false),
        McpServer.Status.CONNECTED, Json.newObject(), null);
  }

  @Test
  void whatWasSealedIsReadableWithoutTheOldKey() {
    var grant = stored(Samples.grant());
    var plain = stored(Samples.plainGrant(Samples.key()));
    assertThat(run(Area.TOKENS)).isEqualTo(new Run(2, 2, 0, null));
    assertThat(grants(ALONE).read(grant.key())).contains(grant);
    assertThat(grants(ALONE).read(plain.key())).contains(plain);
    assertThat(grants(ALONE).findByRefreshToken(grant.key().user(), token(grant))).isPresent();
  }

  @Test
  void replacedRefreshTokenIsReadableWithoutTheOldKey() {
    var token = Samples.replacedToken(Samples.key(), 1);
    replacedTokens(BEFORE).keep(token);
    stored(Samples.grant(token.connection()));
    assertThat(run(Area.TOKENS)).isEqualTo(new Run(2, 2, 0, null));
    assertThat(replacedTokens(ALONE).of(token.connection())).containsExactly(token);
    assertThat(run(Area.TOKENS)).isEqualTo(new Run(2, 0, 0, null));
  }

  @Test
  void keptAccessTokenIsReadableWithoutTheOldKey() {
    var like = Samples.plainGrant(Samples.key());
    var token = new ReplacedToken(like.key(), like.id(), 1, like.target(), like.client(), like.tokens().accessToken(),
        NOW);
    replacedTokens(BEFORE).keep(token);
    assertThat(run(Area.TOKENS)).isEqualTo(new Run(1, 1, 0, null));
    assertThat(replacedTokens(ALONE).of(token.connection())).containsExactly(token);
  }

  @Test
  void protocolOfAServerIsReadableWithoutTheOldKey() {
    var servers = servers(BEFORE);
    var server = server("with-a-session");
    var protocol = new NegotiatedProtocol("2025-11-25", new McpSessionId("invented-mcp-session"));
    servers.put(server);
    servers.keepProtocol(server, protocol);
    var without = server("without");
    servers.put(without);
    // Every record has something sealed, with and without a protocol.
    assertThat(run(Area.SERVERS)).isEqualTo(new Run(2, 2, 0, null));
    assertThat(servers(ALONE).find(server.key()).orElseThrow().protocol()).isEqualTo(protocol);
    assertThat(servers(ALONE).find(without.key())).contains(without);
  }

  @Test
  void secretsThatAreNotInUseAreReadableWithoutTheOldKey() {
    var server = server("not-in-use").keeping(new UnboundSecrets(null, new ClientId("client-1"),
        new ClientSecret("invented-secret"),
        new LiveCredentials(new AccessToken("invented-token"), null, Scopes.none(), null, Samples.NOW)));
    servers(BEFORE).put(server);
    assertThat(run(Area.SERVERS)).isEqualTo(new Run(1, 1, 0, null));
    assertThat(servers(ALONE).find(server.key())).contains(server);
  }

  @Test
  void queriesOfUrlsAreReadableWithoutTheOldKeyAndStillCompared() {
    var grant = stored(Samples.grantWithQuery(Samples.key(), "?api_key=invented"));
    var server = server("with-a-query").servedAt(new EndpointUrl("https://mcp.example/?api_key=invented"));
    servers(BEFORE).put(server);
    // Before the run, a process that knows the new key cannot compare the query, and takes it to be the same.
    var modern = new NegotiatedProtocol("2026-07-28", null);
    grants(AFTER).keepProtocol(grant, modern);
    servers(AFTER).keepProtocol(server, modern);
    assertThat(List.of(run(Area.TOKENS), run(Area.SERVERS))).containsOnly(new Run(1, 1, 0, null));
    assertThat(grants(ALONE).read(grant.key()).orElseThrow().target()).isEqualTo(grant.target());
    assertThat(servers(ALONE).find(server.key())).contains(server.with(modern));
    assertThat(grants(ALONE).read(grant.key()).orElseThrow().protocol()).isEqualTo(modern);
    var elsewhere = grant.servedAt(new EndpointUrl("https://mcp.example/mcp?api_key=another"));
    grants(AFTER).keepProtocol(elsewhere, new NegotiatedProtocol("2025-11-25", null));
    assertThat(grants(ALONE).read(grant.key()).orElseThrow().protocol()).isEqualTo(modern);
    assertThat(List.of(run(Area.TOKENS), run(Area.SERVERS))).containsOnly(new Run(1, 0, 0, null));
  }

  @Test
  void enteredCredentialsAreReadableWithoutTheOldKeyAndStillCompared() {
    var plain = server("with-entered-credentials");
    var server = plain.with(Samples.entered(plain.url()));
    servers(BEFORE).put(server);
    // Before the run, a process that knows the new key cannot compare them, and takes them to be the same.
    var modern = new NegotiatedProtocol("2026-07-28", null);
    assertThat(servers(AFTER).keepProtocol(server, modern)).isTrue();
    assertThat(run(Area.SERVERS)).isEqualTo(new Run(1, 1, 0, null));
    assertThat(servers(ALONE).find(server.key())).contains(server.with(modern));
    var another = plain.with(Samples.entered(plain.url()));
    assertThat(servers(AFTER).keepProtocol(another, new NegotiatedProtocol("2025-11-25", null))).isFalse();
    assertThat(servers(AFTER).keepProtocol(server, new NegotiatedProtocol("2025-11-25", null))).isTrue();
    assertThat(run(Area.SERVERS)).isEqualTo(new Run(1, 0, 0, null));
  }

  @Test
  void whatTheNewKeySealedIsLeftAlone() {
    stored(Samples.grant());
    grants(AFTER).store(Samples.grant());
    assertThat(run(Area.TOKENS)).isEqualTo(new Run(2, 1, 0, null));
    assertThat(run(Area.TOKENS)).isEqualTo(new Run(2, 0, 0, null));
  }

  @Test
  void previousRefreshTokenIsStillFound() {
    var first = stored(Samples.grant());
    var second = first.renewed(Samples.tokens("second"), GrantState.healthy(NOW, 0));
    grants(BEFORE).commit(second);
    run(Area.TOKENS);
    var user = first.key().user();
    assertThat(grants(AFTER).findByRefreshToken(user, token(first)).orElseThrow().current()).isFalse();
    assertThat(grants(AFTER).findByRefreshToken(user, token(second)).orElseThrow().current()).isTrue();
    // A version with the same refresh token keeps the digest of the previous token, made with the new key.
    var third = second.renewed(second.tokens(), GrantState.healthy(NOW, 0));
    assertThat(grants(AFTER).commit(third)).isTrue();
    assertThat(grants(AFTER).findByRefreshToken(user, token(first)).orElseThrow().current()).isFalse();
  }

  @Test
  void refreshUnderWayIsCommittedByAProcessThatKnowsEitherKey() {
    for (var cipher : List.of(BEFORE, AFTER)) {
      var grant = stored(Samples.grant());
      run(Area.TOKENS);
      var next = grant.renewed(Samples.tokens("next"), GrantState.healthy(NOW, 0));
      assertThat(grants(cipher).commit(next)).isTrue();
      assertThat(grants(AFTER).read(grant.key())).contains(next);
    }
  }

  @Test
  void runGoesOnWhereTheOneBeforeEnded() {
    var grants = IntStream.range(0, 5).mapToObj(_ -> stored(Samples.grant())).toList();
    var runs = new ArrayList<Run>();
    String cursor = null;
    do {
      var run = reencryption(AFTER).run(Area.TOKENS, cursor, Deadline.in(Duration.ZERO));
      runs.add(run);
      cursor = run.cursor();
    } while (cursor != null);
    assertThat(runs).hasSizeGreaterThanOrEqualTo(5).allMatch(run -> run.examined() <= 1);
    assertThat(runs.stream().mapToInt(Run::reencrypted).sum()).isEqualTo(5);
    assertThat(grants).allMatch(grant -> grants(ALONE).read(grant.key()).isPresent());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "###", "{}", "{\"pk\":\"u#a\"}", "{\"pk\":\"u#a\",\"sk\":\"\"}",
      "{\"pk\":\"\",\"sk\":\"b\"}",
      "{\"pk\":\"u#a\",\"sk\":1}", "{\"pk\":\"u#a\",\"sk\":\"b\",\"more\":\"c\"}", "[]"})
  void cursorThatNoRunGaveIsRefused(String cursor) {
    for (var given : List.of(cursor, Base64.getUrlEncoder().withoutPadding().encodeToString(cursor.getBytes(UTF_8)))) {
      assertThatThrownBy(() -> reencryption(AFTER).run(Area.TOKENS, given, inTime()))
          .isInstanceOf(Failure.BadRequest.class);
    }
  }
}
