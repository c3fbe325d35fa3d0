package social.avatarai.mcp.functions.clientmetadata;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.lambda.replay.Replay;
import social.avatarai.mcp.lambda.replay.TestPlatform;

class ClientMetadataHandlerTest {

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    return Replay.of("client-metadata", ClientMetadataHandler::new);
  }

  @Test
  void createsAClientForTheKeysAloneAndNoneForADocument() throws IOException {
    assertThat(clientsOf("ok")).isEmpty();
    assertThat(clientsOf("ok-context")).isEmpty();
    assertThat(clientsOf("ok-jwks")).containsExactly("vault");
  }

  private static Set<String> clientsOf(String event) throws IOException {
    try (var platform = new TestPlatform(Clock.systemUTC())) {
      var text = Files.readString(Path.of("..", "..", "events", "client-metadata", event + ".json"));
      var response = Replay.invoke(new ClientMetadataHandler(platform.wiring()), text);
      assertThat(response.path("statusCode").asInt()).isEqualTo(200);
      return platform.clients();
    }
  }
}
