package social.avatarai.mcp.functions.clientmetadata;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.lambda.replay.Replay;

class ClientMetadataHandlerTest {

  @TestFactory
  Stream<DynamicTest> answersEverySampleEventAsExpected() {
    return Replay.of("client-metadata", ClientMetadataHandler::new);
  }
}
