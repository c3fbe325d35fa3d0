package social.avatarai.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

class OutboundDoorTest {
  private final OutboundDoor door = new OutboundDoor(AddressPolicy.withLoopback());

  @AfterEach
  void close() {
    door.close();
  }

  @Test
  void sendsAFormAndReadsTheResponse() {
    try (var server = LoopbackServer.responding("201 Created",
        "Content-Type: application/json; charset=utf-8\nX-A: 1\nx-a: 2\n", "{\"a\":1}")) {
      var response = door.exchange(
          OutboundRequest.form(server.url("/token"), Map.of("code", "a b&c")).with("Authorization", "Basic eDp5"),
          soon());

      assertThat(response.status()).isEqualTo(201);
      assertThat(response.head().mediaType()).isEqualTo("application/json");
      assertThat(response.head().headers("X-A")).containsExactly("1", "2");
      assertThat(response.object().orElseThrow().get("a").intValue()).isEqualTo(1);
      assertThat(server.requests()).singleElement().asString().startsWith("POST /token HTTP/1.1\r\n")
          .contains("Authorization: Basic eDp5\r\n", "Content-Type: application/x-www-form-urlencoded\r\n",
              "Content-Length: 12\r\n")
          .endsWith("\r\n\r\ncode=a+b%26c");
    }
  }

  @Test
  void sendsADeleteWithABodyAndOneWithout() {
    try (var server = LoopbackServer.responding("204 No Content", "", "")) {
      var form = OutboundRequest.jsonForm("DELETE", server.url("/token"), Map.of("access_token", "a\"b"));
      assertThat(door.exchange(form, soon()).status()).isEqualTo(204);
      assertThat(door.exchange(OutboundRequest.delete(server.url("/mcp")), soon()).status()).isEqualTo(204);

      assertThat(server.requests()).hasSize(2);
      assertThat(server.requests().getFirst()).startsWith("DELETE /token HTTP/1.1\r\n")
          .contains("Content-Type: application/json\r\n", "Content-Length: 23\r\n", "Connection: close\r\n")
          .endsWith("\r\n\r\n{\"access_token\":\"a\\\"b\"}");
      assertThat(server.requests().getLast()).startsWith("DELETE /mcp HTTP/1.1\r\n")
          .doesNotContain("Content-Length").endsWith("\r\n\r\n");
    }
  }

  @Test
  void asksForPlainBytesUnderOneName() {
    try (var server = LoopbackServer.responding("200 OK", "", "{}")) {
      get(server);

      assertThat(server.requests().getFirst())
          .contains("Accept-Encoding: identity\r\n", "User-Agent: mcp-oauth-client\r\n",
              "Host: 127.0.0.1:" + server.port() + "\r\n")
          .doesNotContain("Upgrade", "Cookie");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/a//b/./../c", "//double", "/a%2Fb%20c;x=1", "/a?b=c&d=%C3%A9", "/?", "/a/?x=/../y"})
  void sendsThePathAsItIsWritten(String path) {
    try (var server = LoopbackServer.responding("200 OK", "", "{}")) {
      get(server, path);

      assertThat(server.requests().getFirst()).startsWith("GET " + path + " HTTP/1.1\r\n");
    }
  }

  @Test
  void letsNoHeaderValueBeginAnotherHeader() {
    try (var server = LoopbackServer.responding("200 OK", "", "{}")) {
      door.exchange(OutboundRequest.document(server.url("/")).with("X-Key", "a\r\nX-Injected: b"), soon());

      assertThat(server.requests().getFirst().lines()).noneMatch(line -> line.startsWith("X-Injected"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Host", "hOST", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Expect",
      "Accept-Encoding", "User-Agent"})
  void letsNoCallerFrameTheMessage(String header) {
    try (var server = LoopbackServer.responding("200 OK", "", "{}")) {
      door.exchange(OutboundRequest.form(server.url("/"), Map.of("a", "b")).with(header, "9999999"), soon());

      assertThat(server.requests().getFirst()).doesNotContain("9999999").endsWith("\r\n\r\na=b");
    }
  }

  @Test
  void keepsNoCookiesAndRespondsToNoChallenge() {
    try (var server = LoopbackServer.responding("401 Unauthorized",
        "Set-Cookie: a=b; Path=/\nWWW-Authenticate: Basic realm=\"x\"\n", "")) {
      assertThat(get(server).status()).isEqualTo(401);
      get(server);

      assertThat(server.requests()).hasSize(2).noneMatch(request -> request.contains("Cookie"));
    }
  }

  @Test
  void readsAResponseWithoutABody() {
    try (var server = LoopbackServer.responding("HTTP/1.1 204 No Content\r\n\r\n")) {
      assertThat(get(server).text()).isEmpty();
    }
  }

  @Test
  void keepsAConnectionForTheNextRequest() {
    try (var server = LoopbackServer.responding("200 OK", "", "{}")) {
      get(server);
      get(server);

      assertThat(server.requests()).hasSize(2);
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void takesANewConnectionWhereTheKeptOneHasDied() throws Exception {
    var closed = new CountDownLatch(1);
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.write(LoopbackServer.response("200 OK", "", "{}"));
      connection.close();
      closed.countDown();
    })) {
      get(server);
      assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();

      assertThat(get(server).status()).isEqualTo(200);
      assertThat(server.requests()).hasSize(2);
    }
  }

  @Test
  void hasRoomForManyExchangesAtOnce() throws Exception {
    int many = 64;
    var all = new CountDownLatch(many);
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      all.countDown();
      await(all);
      connection.write(LoopbackServer.response("200 OK", "", "{}"));
    }); var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var responses = new ArrayList<Future<HttpResponse>>();
      for (int i = 0; i < many; i++)
        responses.add(threads.submit(() -> get(server)));

      for (var response : responses)
        assertThat(response.get().status()).isEqualTo(200);
    }
  }

  @Test
  void cutsTheConnectionWhenTheReaderHasHeardEnough() throws Exception {
    var ended = new CompletableFuture<Void>();
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.write(
          "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na\r\nb\n\r\n");
      try {
        connection.awaitEnd();
      } finally {
        ended.complete(null);
      }
    })) {
      int first = door.exchange(OutboundRequest.document(server.url("/")), soon(), (head, body) -> {
        try (body) {
          return body.read();
        }
      });

      assertThat(first).isEqualTo('a');
      ended.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void doesNotReuseAConnectionWhoseResponseWasLeftUnread() {
    try (var server = LoopbackServer.responding("200 OK", "", "unread")) {
      for (int i = 0; i < 2; i++)
        assertThat(
            door.<Integer>exchange(OutboundRequest.document(server.url("/")), soon(), (head, body) -> head.status()))
            .isEqualTo(200);

      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void passesOnWhatTheReaderThrows() {
    var own = new IllegalStateException("the reader's own");
    try (var server = LoopbackServer.responding("200 OK", "", "{}")) {
      assertThatThrownBy(() -> door.exchange(OutboundRequest.document(server.url("/")), soon(), (head, body) -> {
        throw own;
      })).isSameAs(own);
    }
  }

  @Test
  void readsABodyOfExactlyTheCap() {
    try (var server = LoopbackServer.responding("200 OK", "", "12345")) {
      var response = door.exchange(OutboundRequest.document(server.url("/")).within(5, Duration.ofSeconds(10)), soon());

      assertThat(response.text()).isEqualTo("12345");
    }
  }

  @Test
  void refusesABodyOfOneByteMore() {
    try (var server = LoopbackServer.responding("200 OK", "", "12345")) {
      assertInvalid(OutboundRequest.document(server.url("/")).within(4, Duration.ofSeconds(10)));
    }
  }

  @Test
  void refusesABodyThatNeverEnds() {
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.write("HTTP/1.1 200 OK\r\n\r\n");
      while (true)
        connection.write("more and more ");
    })) {
      assertInvalid(OutboundRequest.document(server.url("/")));
    }
  }

  @Test
  void refusesHeadersThatNeverEnd() {
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.write("HTTP/1.1 200 OK\r\n");
      while (true)
        connection.write("X-More: and more\r\n");
    })) {
      assertInvalid(OutboundRequest.document(server.url("/")));
    }
  }

  @Test
  void refusesAHeaderThatNeverEnds() {
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.write("HTTP/1.1 200 OK\r\nX-More: ");
      while (true)
        connection.write("and more ");
    })) {
      assertInvalid(OutboundRequest.document(server.url("/")));
    }
  }

  @Test
  void refusesTooManyBytesOfHeadersInAll() {
    try (var server = LoopbackServer.responding("200 OK", ("X-A: " + "a".repeat(1024) + "\n").repeat(16), "{}")) {
      assertInvalid(OutboundRequest.document(server.url("/")));
    }
  }

  @Test
  void takesLongHeadersWithinTheCap() {
    try (var server = LoopbackServer.responding("200 OK", "X-A: " + "a".repeat(15_000) + "\n", "{}")) {
      assertThat(get(server).head().header("x-a")).hasValue("a".repeat(15_000));
    }
  }

  @Test
  void takesAResponseThatSaysItIsNotCompressed() {
    try (var server = LoopbackServer.responding("200 OK", "Content-Encoding: identity\n", "{}")) {
      assertThat(get(server).text()).isEqualTo("{}");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SSH-2.0-x\r\n", "HTTP/1.1 abc\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: pigeon\r\n\r\n{}", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}"})
  void refusesWhatIsNoHttp(String bytes) {
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.write(bytes);
    })) {
      assertInvalid(OutboundRequest.document(server.url("/")));
    }
  }

  @Test
  void refusesABlockedUrlWithoutConnecting() throws Exception {
    try (var closedDoor = new OutboundDoor(AddressPolicy.publicInternet());
        var server = LoopbackServer.responding("200 OK", "", "{}")) {
      var failure = catchThrowableOfType(Failure.BadRequest.class,
          () -> closedDoor.exchange(OutboundRequest.document(server.url("/")), soon()));

      assertThat(failure.code()).isEqualTo(ErrorCode.BLOCKED_URL);
      assertThatThrownBy(() -> closedDoor.admit(server.url("/"))).isInstanceOf(Failure.BadRequest.class);
      assertThat(server.connections()).isZero();
    }
  }

  @Test
  void reachesThisMachineByItsNameAndItsIpv6Address() throws Exception {
    try (var server = LoopbackServer.responding("200 OK", "", "{}")) {
      var response = door.exchange(OutboundRequest.document(new EndpointUrl("http://localhost:" + server.port() + "/")),
          soon());

      assertThat(response.status()).isEqualTo(200);
      assertThat(server.requests().getFirst()).contains("Host: localhost:" + server.port() + "\r\n");
    }
  }

  @Test
  void asksForTheAddressOfAnIpv6LiteralInAFormThatResolves() throws Exception {
    var asked = new ArrayList<String>();
    try (var unused = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
        var checking = new OutboundDoor(AddressPolicy.withLoopback(), host -> {
          asked.add(host);
          return new InetAddress[]{InetAddress.getByName(host), InetAddress.ofLiteral("0.0.0.0")};
        }, javax.net.ssl.SSLContext.getDefault())) {
      assertThatThrownBy(() -> checking
          .exchange(OutboundRequest.document(new EndpointUrl("http://[::1]:" + unused.getLocalPort() + "/")), soon()))
          .isInstanceOf(Failure.Unreachable.class);
      assertThat(asked).hasSize(1);
      assertThat(InetAddress.ofLiteral(asked.getFirst())).isEqualTo(InetAddress.ofLiteral("::1"));
    }
  }

  @Test
  void readsAtMostTheCapWhateverTheReaderAsksFor() throws IOException {
    var body = new CappedBody(new ByteArrayInputStream(new byte[]{1, -1, 3}), 2, _ -> AddressPolicy.blocked());

    assertThat(body.available()).isEqualTo(2);
    assertThat(body.read()).isEqualTo(1);
    assertThat(body.read()).isEqualTo(255);
    assertThatThrownBy(body::read).isInstanceOf(Failure.class);
  }

  private HttpResponse get(LoopbackServer server) {
    return get(server, "/");
  }

  private HttpResponse get(LoopbackServer server, String path) {
    return door.exchange(OutboundRequest.document(server.url(path)), soon());
  }

  private void assertInvalid(OutboundRequest request) {
    var failure = catchThrowableOfType(Failure.ProtocolBroken.class, () -> door.exchange(request, soon()));

    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_UPSTREAM_ANSWER);
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(20));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
