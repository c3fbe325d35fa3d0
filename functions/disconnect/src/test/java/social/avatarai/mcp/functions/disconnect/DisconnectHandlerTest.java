package social.avatarai.mcp.functions.disconnect;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.lambda.replay.Replay;

class DisconnectHandlerTest {

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    return Replay.of("disconnect", DisconnectHandler::new);
  }
}
