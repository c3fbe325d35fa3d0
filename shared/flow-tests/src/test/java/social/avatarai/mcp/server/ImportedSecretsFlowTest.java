package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.OtherApp.credentials;
import static social.avatarai.mcp.world.OtherApp.document;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.server.LiveGrants.Outcome;
import social.avatarai.mcp.server.ServerImport.Result;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.OtherApp;
import social.avatarai.mcp.world.ServerWorld;

/** What the records of one user hold does not decide what becomes of another user's records. */
class ImportedSecretsFlowTest {
  /** A part of the URLs in every issuer's metadata. */
  private static final String WORD = "authorize";

  private final FlowWorld world = FlowWorld.start();
  private final OtherApp app = new OtherApp(world);

  @AfterEach
  void close() {
    world.close();
  }

  private List<Result> imported(Caller caller, boolean atomic, ObjectNode... records) throws Exception {
    return InvocationSecrets
        .during(() -> world.flow().importServers(caller, document(records), atomic, world.now()));
  }

  private static ObjectNode ofOther(ObjectNode record) {
    return record.put("userId", OTHER.user().value());
  }

  private static ObjectNode keyed(String key) {
    var record = ServerWorld.record("https://mcp.example/mcp").put("mcpId", "a");
    record.putObject("authorization").put("method", "api_key").putObject("config").put("api_key", key);
    return ofOther(record);
  }

  @Test
  void strangersTokenDoesNotKeepOthersTokensFromTheirIssuer() throws Exception {
    var record = app.record();
    world.restart();
    var hostile = record.deepCopy();
    credentials(hostile).put("access_token", WORD);
    assertThat(imported(OTHER, false, hostile).getFirst().tokens()).isEqualTo(Outcome.KEPT);
    assertThat(imported(USER, false, record).getFirst().tokens()).isEqualTo(Outcome.IMPORTED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void secretOfOneUserDoesNotKeepAnothersTokensInOneImportOfTheOperator(boolean atomic) throws Exception {
    var theirs = app.record().put("userId", USER.user().value());
    world.restart();
    var results = imported(OPERATOR, atomic, keyed(WORD), theirs);
    assertThat(results.getLast().tokens()).isEqualTo(Outcome.IMPORTED);
  }

  @Test
  void secretsOfAllRecordsCountInTheAnswerOfTheImport() throws Exception {
    String said = InvocationSecrets.during(() -> {
      var _ = world.flow().importServers(OPERATOR, document(keyed("an-invented-key")), false, world.now());
      return InvocationSecrets.scrub("said an-invented-key");
    });
    assertThat(said).isEqualTo("said [token]");
  }

  @Test
  void callWithoutTimeDoesNotKeepOthersTokensFromTheirIssuer() throws Exception {
    var record = app.record();
    world.restart();
    var late = new Invocation(world.base, Deadline.in(Duration.ZERO));
    var _ = world.flow().putServer(OTHER, MCP_ID, record.deepCopy(), late);
    assertThat(imported(USER, false, record).getFirst().tokens()).isEqualTo(Outcome.IMPORTED);
  }

  @Test
  void issuerThatDoesNotAnswerIsAskedOnceForAllUsers() throws Exception {
    var record = app.record();
    world.restartWhileMetadataFails();
    var theirs = ofOther(record.deepCopy());
    int before = world.authorizationServer.metadataRequests().size();
    assertThat(imported(OPERATOR, false, theirs).getFirst().tokens()).isEqualTo(Outcome.KEPT);
    int asked = world.authorizationServer.metadataRequests().size();
    assertThat(asked).isGreaterThan(before);
    assertThat(imported(USER, false, record).getFirst().tokens()).isEqualTo(Outcome.KEPT);
    assertThat(world.authorizationServer.metadataRequests()).hasSize(asked);
  }
}
