package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.OtherApp.credentials;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.config;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.server.LiveGrants.Outcome;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.OtherApp;
import social.avatarai.mcp.world.ServerWorld;

/** A document that is imported again and again ends no connection that works. */
class ImportedAgainFlowTest {
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);
  private final OtherApp app = new OtherApp(world);

  @AfterEach
  void close() {
    world.close();
  }

  private Grant grant() {
    return world.grants().read(new ConnectionKey(USER.user(), MCP_ID)).orElseThrow();
  }

  private void renew() {
    world.clock.advance(Duration.ofMinutes(56));
    var _ = world.flow().refresh(USER, new What.Stored(MCP_ID), deadline());
  }

  @Test
  void tokenThatIsOverDoesNotReplaceAGrantThatIsRenewed() {
    app.importOne(app.record());
    world.clock.advance(Duration.ofMinutes(5));
    var newer = app.record();
    credentials(newer).remove("refresh_token");
    world.clock.advance(Duration.ofHours(2));
    assertThat(app.importOne(newer).tokens()).isEqualTo(Outcome.OLDER);
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void newerTokensWithoutARefreshTokenDoNotEndTheRenewal() {
    app.importOne(app.record());
    world.clock.advance(Duration.ofMinutes(5));
    var newer = app.record();
    credentials(newer).remove("refresh_token");
    assertThat(app.importOne(newer).tokens()).isEqualTo(Outcome.OLDER);
    world.clock.advance(Duration.ofMinutes(90));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void newerTokensWithoutTheirClientDoNotEndTheRenewal() {
    var record = app.record();
    config(record).remove("client_id");
    config(record).remove("client_secret");
    server.put(OtherApp.withoutSecrets(record));
    server.connectWithConsent();
    var before = grant();
    assertThat(before.tokens().refreshToken()).isNotNull();
    world.clock.advance(Duration.ofMinutes(5));
    var newer = app.record();
    config(newer).remove("client_id");
    config(newer).remove("client_secret");
    assertThat(app.importOne(newer).tokens()).isEqualTo(Outcome.OLDER);
    assertThat(grant().tokens()).isEqualTo(before.tokens());
  }

  @Test
  void tokenThatIsOverDoesNotReplaceAWorkingTokenWithoutARefreshToken() {
    var record = app.record();
    credentials(record).remove("refresh_token");
    credentials(record).remove("expires_in");
    app.importOne(record);
    world.clock.advance(Duration.ofMinutes(50));
    world.authorizationServer.adjust(knobs -> knobs.withoutRefreshTokens());
    world.flow().disconnect(USER, MCP_ID, deadline());
    server.connectWithConsent();
    var working = grant();
    assertThat(working.tokens().refreshToken()).isNull();
    world.clock.advance(Duration.ofMinutes(30));
    assertThat(app.importOne(record).tokens()).isEqualTo(Outcome.OLDER);
    assertThat(grant().tokens()).isEqualTo(working.tokens());
    assertThat(saidBy(server.access(USER))).startsWith("owner");
  }

  /** The app writes its local time as if it were UTC. */
  @Test
  void documentThatIsImportedAgainIsOlderWhateverItsTimesSay() {
    var record = app.record();
    credentials(record).put("expires_at", world.clock.instant().plus(Duration.ofHours(4)).toString())
        .put("expires_in", 3600);
    app.importOne(record);
    for (int renewals = 0; renewals < 3; renewals++)
      renew();
    var renewed = grant();
    assertThat(renewed.version()).isEqualTo(4);
    world.clock.advance(Duration.ofMinutes(14));
    assertThat(app.importOne(record).tokens()).isEqualTo(Outcome.OLDER);
    assertThat(grant()).isEqualTo(renewed);
  }
}
