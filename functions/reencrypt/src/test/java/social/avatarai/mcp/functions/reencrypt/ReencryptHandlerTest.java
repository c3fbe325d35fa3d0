package social.avatarai.mcp.functions.reencrypt;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.lambda.replay.Replay;
import social.avatarai.mcp.lambda.replay.TestPlatform;
import social.avatarai.mcp.testkit.Demo;

class ReencryptHandlerTest {

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    return Replay.of("reencrypt", ReencryptHandler::new);
  }

  @Test
  void sealsAnewWhatTheRingsOldKeySealedThoughItKnewTheOldRing() {
    var platform = new TestPlatform(Clock.systemUTC());
    var vault = platform.vault();
    var handler = new ReencryptHandler(platform.wiring());
    platform.seeds("http://localhost:" + Demo.MCP_SERVER_PORT + "/mcp",
        "http://localhost:" + Demo.AUTHORIZATION_SERVER_PORT).write("grant");
    String event = "{\"table\":\"tokens\"}";
    assertThat(Replay.invoke(handler, event))
        .hasToString("{\"examined\":1,\"reencrypted\":0,\"skipped\":0,\"cursor\":null}");

    String ring = vault.read("test/key-ring").orElseThrow();
    vault.replace("test/key-ring",
        ring.replace("\"current\":\"k1\"", "\"current\":\"k2\",\"k2\":\"" + "2".repeat(64) + "\""));
    assertThat(Replay.invoke(handler, event))
        .hasToString("{\"examined\":1,\"reencrypted\":1,\"skipped\":0,\"cursor\":null}");
  }
}
