package social.avatarai.mcp.resource;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;

/** Fuzzes endpoint events of strangers. Their URL has the origin of the stream, or they are refused. */
class SseEndpointFuzzTest {

  @FuzzTest
  void staysAtTheOriginOrIsRefused(FuzzedDataProvider data) {
    String said = data.consumeRemainingAsString();
    for (String from : List.of("https://mcp.example.com", "https://mcp.example.com/a/sse?c",
        "http://localhost:81/sse")) {
      var stream = new EndpointUrl(from);
      try {
        var url = SseEndpoint.of(stream, said);
        if (!url.origin().equals(stream.origin())) throw new AssertionError("left the origin");
      } catch (Failure.ProtocolBroken e) {
        // The event was refused, as most are.
      }
    }
  }
}
