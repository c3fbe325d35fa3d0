package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Map;

/** What is salvaged of a stranger's bytes is JSON, and JSON without faults is read as the strict reading reads it. */
class SalvagedJsonFuzzTest {

  @FuzzTest
  void readsAtLeastWhatTheStrictReadingReads(byte[] bytes) {
    var head = new ResponseHead(200, Map.of("content-type", List.of("application/json")));
    var salvaged = new HttpResponse(head, bytes).salvaged();
    var object = Json.object(bytes);
    if (object.isPresent() && !salvaged.object().equals(object)) throw new AssertionError("read in another way");
    salvaged.object().ifPresent(read -> {
      if (Json.object(read.toString().getBytes(UTF_8)).isEmpty()) throw new AssertionError("no JSON");
    });
  }
}
