package social.avatarai.mcp;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** Fuzzes URLs from other parties. Every text is either refused with our own failure, or has exactly one meaning. */
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
    require(url.covers(url) && url.isSame(url), "a URL covers itself");
    for (int end = url.path().indexOf('/'); end >= 0; end = url.path().indexOf('/', end + 1)) {
      var parent = new EndpointUrl(url.origin() + url.path().substring(0, end));
      boolean plain = !url.path().contains(".") && !url.path().contains("%");
      require(!plain || parent.covers(url), "parents cover a plain path");
      require(!url.covers(parent) || parent.covers(url), "only the same URL covers its parent");
    }
    if (url.value().length() > ResourceUri.MAX_LENGTH) return;
    require(new ResourceUri(url.value()).covers(url), "a resource covers itself");
  }

  private static void require(boolean holds, String claim) {
    if (!holds) throw new AssertionError("broken: " + claim);
  }
}
