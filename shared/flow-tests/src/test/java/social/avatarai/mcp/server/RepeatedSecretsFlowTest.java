package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.OtherApp.credentials;
import static social.avatarai.mcp.world.OtherApp.refreshTokenOf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.token.Tokens;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.OtherApp;
import social.avatarai.mcp.world.ServerWorld;
import social.avatarai.mcp.world.UsersClient;

/** A record whose secret stands in another member too is not stored: not in the table, a list or the log. */
class RepeatedSecretsFlowTest {
  private static final List<BiConsumer<ObjectNode, String>> PLACES = List.of(
      (record, secret) -> record.put("description", "the secret is " + secret),
      (record, secret) -> record.put("about", secret),
      (record, secret) -> record.putObject("schema").put("title", secret),
      (record, secret) -> record.putObject("ours").putArray("list").addObject().putNull(secret),
      (record, secret) -> credentials(record).put("scope", "read " + secret));

  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);
  private final OtherApp app = new OtherApp(world);

  @AfterEach
  void close() {
    world.close();
  }

  private static List<String> secrets(Tokens tokens) {
    return List.of(UsersClient.SECRET, tokens.accessToken().reveal(), refreshTokenOf(tokens));
  }

  @Test
  void importOfARecordWithASecretInAnotherMemberTooStoresNothing() {
    var tokens = app.consent();
    for (String secret : secrets(tokens)) {
      for (var place : PLACES) {
        var record = app.record(tokens);
        place.accept(record, secret);
        var result = app.importOne(record);
        assertThat(result.status()).isEqualTo(ServerImport.Status.FAILED);
        assertThat(result.toString()).doesNotContain(secret);
      }
    }
    assertThat(world.servers(USER)).isEmpty();
    assertThat(world.everythingStored() + world.log()).doesNotContain(secrets(tokens));
  }

  @Test
  void putOfSuchARecordLeavesTheFormerOne() {
    var tokens = app.consent();
    app.importOne(app.record(tokens));
    var before = world.servers(USER);
    for (String secret : secrets(tokens)) {
      var record = app.record(tokens).put("about", secret);
      assertFails(ErrorCode.INVALID_REQUEST, () -> server.put(record));
    }
    assertThat(world.servers(USER)).isEqualTo(before);
    assertThat(world.everythingStored() + world.log()).doesNotContain(secrets(tokens));
  }
}
