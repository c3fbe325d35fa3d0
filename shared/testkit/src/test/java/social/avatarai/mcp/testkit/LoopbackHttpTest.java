package social.avatarai.mcp.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LoopbackHttpTest {

  @Test
  void recordsARequestAsItCame() throws Exception {
    try (var http = LoopbackHttp.start(_ -> Response.of(204))) {
      Http.form(http.url() + "/a%20b?q=1", Map.of("x", "a b&c"), "X-Test", "one", "X-Test", "two");
      var request = http.requests().getFirst();
      assertThat(request.method()).isEqualTo("POST");
      assertThat(request.path()).isEqualTo("/a%20b");
      assertThat(request.rawQuery()).isEqualTo("q=1");
      assertThat(request.body()).isEqualTo("x=a+b%26c");
      assertThat(request.parameters()).isEqualTo(Map.of("x", "a b&c"));
      assertThat(request.headers("x-test")).containsExactly("one", "two");
    }
  }

  @Test
  void keepsTheOrderOfParametersAndNamesTheRepeatedOnes() throws Exception {
    try (var http = LoopbackHttp.start(_ -> Response.of(204))) {
      Http.get(http.url() + "/?b=1&a=2&b=3&c");
      var request = http.requests().getFirst();
      assertThat(request.parameters()).containsExactly(Map.entry("b", "1"), Map.entry("a", "2"), Map.entry("c", ""));
      assertThat(request.repeatedParameters()).containsExactly("b");
    }
  }

  @Test
  void recordsWhatIsNotEncodedAsItShouldBe() throws Exception {
    try (var http = LoopbackHttp.start(request -> Response.html(200, request.parameters().toString()))) {
      var response = Http.send("POST", http.url(), "a=%zz&%", "Content-Type", "application/x-www-form-urlencoded");
      assertThat(response.body()).isEqualTo("{a=%zz, %=}");
    }
  }

  @Test
  void sendsEveryHeaderLineOfAResponse() throws Exception {
    var response = Response.html(401, "no").with("WWW-Authenticate", "Negotiate").with("WWW-Authenticate", "Bearer");
    try (var http = LoopbackHttp.start(_ -> response)) {
      var received = Http.get(http.url());
      assertThat(received.statusCode()).isEqualTo(401);
      assertThat(received.body()).isEqualTo("no");
      assertThat(received.headers().allValues("www-authenticate")).containsExactly("Negotiate", "Bearer");
    }
  }

  @Test
  void playsScriptedResponsesOnceAndInOrder() throws Exception {
    try (var http = LoopbackHttp.start(_ -> Response.of(200))) {
      http.endpoint().next(Response.of(503), Response.of(429).with("Retry-After", "7"));
      assertThat(Http.get(http.url()).statusCode()).isEqualTo(503);
      assertThat(Http.get(http.url()).headers().firstValue("retry-after")).contains("7");
      assertThat(Http.get(http.url()).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void failsAtCloseWhenAScriptedExchangeWentUnused() throws Exception {
    var http = LoopbackHttp.start(_ -> Response.of(200));
    http.endpoint().next(Response.of(503), Response.of(429));
    Http.get(http.url());
    assertThatThrownBy(http::close).isInstanceOf(AssertionError.class).hasMessageContaining("response 429")
        .hasMessageNotContaining("503");
  }

  @Test
  void failsAtCloseWhenAHandlerBroke() throws Exception {
    var http = LoopbackHttp.start(_ -> {
      throw new IllegalStateException("a bug in a fake");
    });
    assertThat(Http.get(http.url()).statusCode()).isEqualTo(500);
    assertThatThrownBy(http::close).isInstanceOf(AssertionError.class).hasRootCauseMessage("a bug in a fake");
  }

  @Test
  void servesARequestWhoseResponseIsLost() {
    var served = new AtomicInteger();
    try (var http = LoopbackHttp.start(_ -> Response.of(200 + served.getAndIncrement()))) {
      http.endpoint().closeAfterReading();
      assertThatThrownBy(() -> Http.json(http.url(), "{}")).isInstanceOf(IOException.class);
      assertThat(served).hasValue(1);
    }
  }

  @Test
  void servesNothingWhereItClosesInstead() {
    var served = new AtomicInteger();
    try (var http = LoopbackHttp.start(_ -> Response.of(200 + served.getAndIncrement()))) {
      http.endpoint().next(Response.NONE);
      assertThatThrownBy(() -> Http.json(http.url(), "{}")).isInstanceOf(IOException.class);
      assertThat(served).hasValue(0);
    }
  }

  @Test
  void holdsAResponseBackWhileOthersAreServed() throws Exception {
    var latch = new CountDownLatch(1);
    try (var http = LoopbackHttp.start(request -> Response.html(200, request.path()))) {
      http.endpoint().delayUntil(latch);
      var held = bodyOf(http.url() + "/held");
      http.endpoint().awaitRequests(1);
      assertThat(Http.get(http.url() + "/other").body()).isEqualTo("/other");
      assertThat(held).isNotDone();
      latch.countDown();
      assertThat(held.join()).isEqualTo("/held");
    }
  }

  @Test
  void closesWhileAResponseIsHeldBack() throws Exception {
    var http = LoopbackHttp.start(_ -> Response.of(200));
    http.endpoint().delayUntil(new CountDownLatch(1));
    var held = bodyOf(http.url());
    http.endpoint().awaitRequests(1);
    http.close();
    assertThatThrownBy(held::join).hasRootCauseInstanceOf(IOException.class);
  }

  @Test
  void listensOnThisMachineOnly() throws Exception {
    try (var http = LoopbackHttp.start(_ -> Response.of(200))) {
      assertThat(http.url()).isEqualTo("http://localhost:" + http.port());
      assertThat(Http.get("http://127.0.0.1:" + http.port()).statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> Http.get("http://127.0.0.2:" + http.port())).isInstanceOf(IOException.class);
    }
  }

  /** A GET on another thread. */
  private static CompletableFuture<String> bodyOf(String url) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return Http.get(url).body();
      } catch (IOException | InterruptedException e) {
        throw new CompletionException(e);
      }
    });
  }
}
