package social.avatarai.mcp.functions.callback;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import social.avatarai.mcp.lambda.replay.Replay;

class CallbackHandlerTest {

  @TestFactory
  Stream<DynamicTest> answersEverySampleEventAsExpected() {
    return Replay.of("callback", CallbackHandler::new);
  }
}
