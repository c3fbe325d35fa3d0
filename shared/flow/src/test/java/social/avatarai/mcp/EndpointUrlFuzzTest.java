package social.avatarai.mcp;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** Strangers' URLs: whatever they write, it is refused in our words or means one thing. */
class EndpointUrlFuzzTest {

  @FuzzTest
  void refusesAUrlOrKnowsItsParts(FuzzedDataProvider data) {
    EndpointUrl url;
    try {
      url = new EndpointUrl(data.consumeRemainingAsString());
    } catch (IllegalArgumentException e) {
      return;
    }
    require(url.value().startsWith(url.uri().getScheme() + "://"), "the scheme begins it");
    require(new EndpointUrl(url.origin()).origin().equals(url.origin()), "an origin is its own origin");
    require(url.isHttps() || url.isLoopback(), "plain http stays on this machine");
    require(new ResourceUri(url.value()).covers(url), "a resource covers itself");
    for (var step : ResourceUri.covering(url))
      for (var resource : step)
        require(resource.covers(url), "what covers a URL says so");
  }

  private static void require(boolean holds, String claim) {
    if (!holds) throw new AssertionError("broken: " + claim);
  }
}
