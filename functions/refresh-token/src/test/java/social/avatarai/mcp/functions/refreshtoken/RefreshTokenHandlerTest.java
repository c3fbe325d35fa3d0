package social.avatarai.mcp.functions.refreshtoken;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import social.avatarai.mcp.lambda.replay.Replay;

class RefreshTokenHandlerTest {

  @TestFactory
  Stream<DynamicTest> answersEverySampleEventAsExpected() {
    return Replay.of("refresh-token", RefreshTokenHandler::new);
  }
}
