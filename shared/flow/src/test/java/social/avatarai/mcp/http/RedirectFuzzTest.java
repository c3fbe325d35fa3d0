package social.avatarai.mcp.http;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Map;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;

/** Fuzzes redirects from other parties. They lead to an allowed URL or nowhere, or are refused with our own failure. */
class RedirectFuzzTest {
  private static final AddressPolicy INTERNET = AddressPolicy.publicInternet();

  @FuzzTest
  void leadsToAUrlOrIsRefused(FuzzedDataProvider data) {
    var head = new ResponseHead(302, Map.of("location", List.of(data.consumeRemainingAsString())));
    for (String from : List.of("https://mcp.example.com", "https://mcp.example.com/a/b?c")) {
      try {
        var target = Redirect.target(new EndpointUrl(from), head);
        target.ifPresent(INTERNET::admit);
        if (target.isPresent() && !target.get().isHttps()) throw new AssertionError("left https");
      } catch (Failure.BadRequest e) {
        // The redirect was refused, as most are.
      }
    }
  }
}
