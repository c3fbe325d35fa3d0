package social.avatarai.mcp.functions.servers;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.lambda.replay.Replay;

class ServersHandlerTest {

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    return Replay.of("servers", ServersHandler::new);
  }
}
