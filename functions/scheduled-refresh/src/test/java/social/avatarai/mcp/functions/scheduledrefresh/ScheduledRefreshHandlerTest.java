package social.avatarai.mcp.functions.scheduledrefresh;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.lambda.replay.Replay;

class ScheduledRefreshHandlerTest {

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    return Replay.of("scheduled-refresh", ScheduledRefreshHandler::new);
  }
}
