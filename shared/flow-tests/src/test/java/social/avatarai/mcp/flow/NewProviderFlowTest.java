package social.avatarai.mcp.flow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ServerWorld.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.world.Browsers;
import social.avatarai.mcp.world.NewProvider;

/** A provider without code of its own: one file says how it differs. */
class NewProviderFlowTest {
  private final NewProvider example = NewProvider.configured();

  @AfterEach
  void close() {
    example.close();
  }

  private Grant connect() {
    return example.server.connectWithConsent();
  }

  private ObjectNode scoped() {
    var record = record(example.world.mcpServer.url());
    record.putObject("authorization").put("scopes", "read write");
    return record;
  }

  private Received sent() {
    return example.world.authorizationServer.tokenRequests().getLast();
  }

  @Test
  void oneFileIsAllThatANewProviderNeeds() {
    example.server.put(scoped());
    var begun = example.server.begin();
    assertThat(begun.authorizationUrl()).startsWith(example.world.authorizationServer.origin() + "/oauth/begin?");
    assertThat(Browsers.sent(begun).parameters()).containsEntry("prompt", "consent")
        .containsEntry("audience", example.world.mcpServer.url()).containsEntry("client_id", NewProvider.CLIENT);

    var grant = example.server.consented(begun);

    assertThat(sent().path()).isEqualTo("/oauth/session");
    assertThat(sent().header("example-version")).contains("7");
    assertThat(sent().parameters()).containsEntry("client_secret", NewProvider.SECRET);
    assertThat(grant.tokens().scope().toString()).as("with commas in the response").isEqualTo("read write");
    assertThat(grant.tokens().expiresAt()).as("the response does not say")
        .isEqualTo(example.world.clock.instant().plus(Duration.ofMinutes(30)));
    assertThat(saidBy(example.server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void refreshesAndRevokesAsTheFileSays() {
    example.server.put(scoped());
    connect();
    example.world.clock.advance(Duration.ofMinutes(31));
    assertThat(saidBy(example.server.access(USER))).isEqualTo("owner-1");
    assertThat(sent().parameters()).containsEntry("grant_type", "refresh_token").containsEntry("scope", "read write");
    var live = example.world.authorizationServer.liveRefreshTokens();

    assertThat(example.server.disconnect(USER)).isTrue();

    var revocation = example.world.authorizationServer.revocations().getLast();
    assertThat(revocation.path()).isEqualTo("/oauth/end/" + NewProvider.CLIENT);
    assertThat(revocation.parameters()).containsOnlyKeys("session_key", "client_id", "client_secret")
        .containsEntry("session_key", live.iterator().next());
    assertThat(example.world.authorizationServer.liveRefreshTokens()).isEmpty();
  }

  @Test
  void endsTheGrantAtTheWordsOfTheFile() {
    example.server.put(scoped());
    connect();
    example.world.authorizationServer.liveRefreshTokens().forEach(example.world.authorizationServer::revoke);
    example.world.clock.advance(Duration.ofMinutes(31));

    assertThat(example.server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(example.server.status()).isEqualTo("reauthorization_required");
    assertThat(example.world.refreshes()).isEqualTo(1);
  }

  /** A token of the app stands beside the user's. It is never taken. */
  @Test
  void takesTheTokensFromTheMemberOfTheFileAlone() {
    example.server.put(scoped());

    assertThat(connect().tokens().accessToken().reveal()).isNotEqualTo("of-the-app-and-not-of-the-user");
  }

  @Test
  void showsEachExceptionOfTheFileOnTheConnection() {
    example.server.put(scoped());
    var begun = example.server.begin();
    var expected = new Warning[]{Warning.PKCE_NOT_ADVERTISED, Warning.METADATA_BY_PROFILE,
        Warning.ISSUER_BY_DEPLOYMENT, Warning.LEGACY_DISCOVERY};

    assertThat(begun.warnings()).containsExactlyInAnyOrder(expected);
    assertThat(example.server.consented(begun).warnings()).containsExactlyInAnyOrder(expected);
    assertThat(example.world.flow().connections(USER, null, 10).connections()).singleElement()
        .satisfies(shown -> assertThat(shown.warnings()).containsExactlyInAnyOrder(expected));
  }

  @Test
  void sameFileIsAProfileOfTheProductWhereItLiesInItsFolder() {
    var file = Json.object(example.file().getBytes(UTF_8)).orElseThrow();
    var ofProduct = Profiles.read(Map.of("example", file)).named("example");

    assertThat(Settings.read(example.world.platform.environment(), Profiles.load()).profiles().named("example"))
        .isEqualTo(ofProduct);
  }

  @Test
  void nothingConnectsWithoutTheFile() {
    try (var unknown = NewProvider.unknown()) {
      unknown.server.put();

      assertThatThrownBy(unknown.server::begin).isInstanceOf(Failure.class);
      assertThat(unknown.world.authorizationServer.tokenRequests()).isEmpty();
    }
  }

  @Test
  void noFunctionStartsWithAFaultyFile() {
    example.world.with("PROVIDER_PROFILES", "{\"example\":" + example.file().replace("\"form\"", "\"xml\"") + "}");
    example.world.restart();

    assertThatThrownBy(() -> Objects.requireNonNull(example.world.flow())).isInstanceOf(Failure.Misconfigured.class)
        .hasMessageContaining("PROVIDER_PROFILES example: requests.revocation.body must be json or form");
  }
}
