package social.avatarai.mcp.functions.accessresource;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import social.avatarai.mcp.lambda.replay.Replay;

class AccessResourceHandlerTest {

  @TestFactory
  Stream<DynamicTest> answersEverySampleEventAsExpected() {
    return Replay.of("access-resource", AccessResourceHandler::new);
  }
}
