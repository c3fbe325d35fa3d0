package social.avatarai.mcp.functions.registerclient;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.lambda.replay.Replay;
import social.avatarai.mcp.lambda.replay.TestPlatform;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;

class RegisterClientHandlerTest {

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    return Replay.of("register-client", RegisterClientHandler::new);
  }

  /** A failure of the field: registration was open, so strangers registered clients without the consent of any user. */
  @Test
  void strangerRegistersNoClient() throws IOException {
    try (var platform = new TestPlatform(Clock.systemUTC()); var server = FakeAuthorizationServer.start()) {
      var handler = new RegisterClientHandler(platform.wiring());

      assertThat(Replay.invoke(handler, event("no-caller", server)).path("statusCode").asInt()).isEqualTo(401);
      assertThat(server.metadataRequests()).isEmpty();
      assertThat(server.registrations()).isEmpty();

      assertThat(Replay.invoke(handler, event("ok", server)).path("statusCode").asInt()).isEqualTo(200);
      assertThat(server.registrations()).hasSize(1);
    }
  }

  private static String event(String name, FakeAuthorizationServer server) throws IOException {
    return Files.readString(Path.of("..", "..", "events", "register-client", name + ".json"))
        .replace("http://localhost:9401", server.issuer());
  }
}
