package social.avatarai.mcp.functions.discoverauthserver;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.lambda.replay.Replay;

class DiscoverAuthServerHandlerTest {

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    return Replay.of("discover-auth-server", DiscoverAuthServerHandler::new);
  }
}
