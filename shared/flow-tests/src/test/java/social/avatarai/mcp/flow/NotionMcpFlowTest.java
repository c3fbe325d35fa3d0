package social.avatarai.mcp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.FakeProvider;
import social.avatarai.mcp.world.Browsers;
import social.avatarai.mcp.world.ProviderWorld;

/** Notion's hosted MCP server, which is an authorization server too. */
class NotionMcpFlowTest {
  private final ProviderWorld notion = ProviderWorld.ofReplica(FakeProvider.NOTION_MCP);

  @AfterEach
  void close() {
    notion.close();
  }

  @Test
  void registersAndConnectsWithTheResourceOfTheMetadata() {
    notion.server.put();
    var begun = notion.server.begin();
    assertThat(Browsers.sent(begun).parameters()).containsEntry("resource", notion.world.mcpServer.url())
        .containsEntry("code_challenge_method", "S256");
    notion.server.consented(begun);
    assertThat(notion.issuer().registrations()).singleElement()
        .satisfies(request -> assertThat(request.json().path("token_endpoint_auth_method").asText()).isNotEmpty());
    assertThat(saidBy(notion.server.access(USER))).isEqualTo("owner-1");
  }

  /** Later, the server took metadata documents too. */
  @Test
  void documentOfOursIsTheClientWhereTheServerTakesDocuments() {
    notion.issuer().adjust(knobs -> knobs.clientDocuments());
    String document = notion.world.base.clientMetadata(notion.world.context());
    notion.issuer().preRegister(FakeClient.publicClient(document, notion.world.contextCallback()));
    notion.connect();
    assertThat(notion.issuer().registrations()).isEmpty();
    assertThat(notion.sent().parameters()).containsEntry("client_id", document).doesNotContainKey("client_secret");
    assertThat(saidBy(notion.server.access(USER))).isEqualTo("owner-1");
  }

  /** The metadata once named the origin for both paths, and later the path. The server compares the texts. */
  @Test
  void refreshNamesTheResourceThatWasGrantedAlsoWhenTheMetadataNamesAnother() {
    notion.world.mcpServer.adjust(knobs -> knobs.resource(notion.world.mcpServer.origin()));
    notion.connect();
    notion.world.mcpServer.adjust(knobs -> knobs.resource(notion.world.mcpServer.url()));
    notion.world.restart();
    notion.world.clock.advance(Duration.ofHours(1));

    assertThat(saidBy(notion.server.access(USER))).isEqualTo("owner-1");
    assertThat(notion.sent().parameters()).containsEntry("grant_type", "refresh_token").containsEntry("resource",
        notion.world.mcpServer.origin());
  }

  /** The refresh token that was used stays valid until its successor is used. */
  @Test
  void refreshWhoseResponseIsLostIsRepeatedWithTheSameRefreshToken() {
    notion.connect();
    var first = notion.refreshToken().reveal();
    notion.world.clock.advance(Duration.ofHours(1));
    notion.issuer().tokenEndpoint().closeAfterReading();
    assertFails(ErrorCode.UPSTREAM_UNREACHABLE, () -> notion.server.access(USER));
    assertThat(notion.issuer().liveRefreshTokens()).hasSize(2).contains(first);

    notion.world.clock.advance(Duration.ofMinutes(2));
    assertThat(saidBy(notion.server.access(USER))).isEqualTo("owner-1");
    assertThat(notion.issuer().refreshTokensSent()).containsExactly(first, first);
    assertThat(notion.issuer().liveRefreshTokens()).contains(notion.refreshToken().reveal());
  }

  /** The secret that a registration gets lives 90 days. */
  @Test
  void clientWhoseSecretHasEndedIsReplacedAtTheNextConsent() {
    notion.connect();
    notion.world.clock.advance(Duration.ofDays(91));
    assertThat(notion.server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    notion.server.connectWithConsent();
    assertThat(notion.issuer().registrations()).hasSize(2);
    assertThat(saidBy(notion.server.access(USER))).isEqualTo("owner-2");
  }

  @Test
  void disconnectRevokesAtTheTokenEndpoint() {
    notion.connect();
    var token = notion.refreshToken();
    assertThat(notion.server.disconnect(USER)).isTrue();
    assertThat(notion.revocation().method() + " " + notion.revocation().path()).isEqualTo("POST /token");
    assertThat(notion.revocation().parameters()).containsEntry("token", token.reveal()).doesNotContainKey("grant_type");
    assertThat(notion.issuer().liveRefreshTokens()).isEmpty();
  }
}
