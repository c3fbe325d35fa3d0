package social.avatarai.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/** Whether a request may have arrived. The caller must know, because a refresh token may have been used. */
@Execution(ExecutionMode.CONCURRENT) // they wait for time-outs
class OutboundDoorFailureTest {
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG_ENOUGH_TO_SEND = Duration.ofSeconds(2);

  private final OutboundDoor door = new OutboundDoor(AddressPolicy.withLoopback());

  /** The first exchange of a process loads classes. This takes longer than the short time-outs of the tests allow. */
  @BeforeAll
  static void exchangeOnce() {
    try (var server = LoopbackServer.responding("200 OK", "", "{}");
        var first = new OutboundDoor(AddressPolicy.withLoopback())) {
      first.exchange(OutboundRequest.document(server.url("/")), soon());
    }
  }

  @AfterEach
  void close() {
    door.close();
  }

  @Test
  void knowsThatNothingArrivedWhereNoServerListens() throws IOException {
    int free;
    try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      free = taken.getLocalPort();
    }

    var failure = failureOf(door,
        OutboundRequest.document(new EndpointUrl("http://127.0.0.1:" + free + "/a?code=secret")));

    assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_UNREACHABLE);
    assertThat(failure.mayHaveArrived()).isFalse();
    assertThat(failure.safeMessage()).isEqualTo("The server could not be reached.");
    assertThat(failure.detail()).endsWith("Exception at http://127.0.0.1:" + free);
  }

  @Test
  void sendsNothingTwiceWhenTheServerReadsAndCloses() {
    try (var server = LoopbackServer.doing(LoopbackServer.Connection::readRequest)) {
      assertBroken(server);
    }
  }

  @Test
  void sendsNothingTwiceWhenTheServerReadsAndResets() {
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.reset();
    })) {
      assertBroken(server);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"408 Request Timeout", "429 Too Many Requests", "503 Service Unavailable"})
  void leavesItToItsCallerToTryAgain(String status) {
    try (var server = LoopbackServer.responding(status, "Retry-After: 0\n", "")) {
      door.exchange(OutboundRequest.form(server.url("/token"), Map.of("refresh_token", "rt")), soon());
      door.exchange(OutboundRequest.document(server.url("/")), soon());

      assertThat(server.requests()).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1 2", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Le",
      "HTTP/1.1 200 OK\r\nX-A: b\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"a\"",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\"",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"})
  void takesNoResponseThatBreaksOff(String beginning) {
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.write(beginning);
    })) {
      assertBroken(server);
    }
  }

  @Test
  void reportsAReadersTroubleWithTheBytesAsABrokenResponse() {
    try (var server = LoopbackServer.responding("200 OK", "", "{}")) {
      var failure = catchThrowableOfType(Failure.Unreachable.class,
          () -> door.exchange(OutboundRequest.document(server.url("/")), soon(), (head, body) -> {
            throw new IOException("secret text");
          }));

      assertThat(failure.mayHaveArrived()).isTrue();
      assertThat(failure.safeMessage() + failure.detail()).doesNotContain("secret");
    }
  }

  /**
   * Each byte arrives in time for a time-out that counts from the last byte. The cases run in parallel, because each
   * takes its whole time.
   */
  @Test
  void cutsServersThatSayNothingOrDrip() throws Exception {
    String dots = ".".repeat(200);
    var responses = List.of("", "H", "HTTP/1.1 200 OK\r\nX-Slow: " + dots + "\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(8) + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + dots, "HTTP/1.1 200 OK\r\n\r\n" + dots,
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + dots,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nC8\r\n" + dots + "\r\n0\r\n\r\n");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var outcomes = responses.stream().map(response -> threads.submit(() -> failureOfDripping(response))).toList();

      for (var outcome : outcomes) {
        assertThat(outcome.get().code()).isEqualTo(ErrorCode.UPSTREAM_TIMEOUT);
        assertThat(outcome.get().mayHaveArrived()).isTrue();
      }
    }
    try (var server = LoopbackServer.responding("200 OK", "", "{}")) {
      assertThat(door.exchange(OutboundRequest.document(server.url("/")), soon()).status()).isEqualTo(200);
    }
  }

  private Failure.Unreachable failureOfDripping(String response) {
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.drip(response);
      connection.awaitEnd();
    })) {
      return failureOf(door, OutboundRequest.document(server.url("/")).within(1000, LONG_ENOUGH_TO_SEND));
    }
  }

  @Test
  void endsWithTheDeadlineWhereThatComesFirst() {
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.awaitEnd();
    })) {
      var failure = catchThrowableOfType(Failure.Unreachable.class,
          () -> door.exchange(OutboundRequest.document(server.url("/")), Deadline.in(SHORT)));

      assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_TIMEOUT);
    }
  }

  @Test
  void leavesTimeForOurCallerWhereAServerNeverAnswers() {
    assertThat(ExchangeTimeouts.silence(Duration.ofSeconds(25))).isEqualTo(Duration.ofSeconds(23));
    assertThat(ExchangeTimeouts.silence(Duration.ofSeconds(2))).isEqualTo(Duration.ofMillis(1800));
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.awaitEnd();
    })) {
      var deadline = Deadline.in(Duration.ofSeconds(3));
      var request = OutboundRequest.json(server.url("/mcp"), Json.newObject()).within(1000, Duration.ofSeconds(25));

      var failure = catchThrowableOfType(Failure.Unreachable.class, () -> door.exchange(request, deadline));

      assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_TIMEOUT);
      assertThat(failure.mayHaveArrived()).isTrue();
      assertThat(deadline.remaining()).isPositive();
    }
  }

  @Test
  void waitsLongerForAToolThanForMetadataOrTokens() {
    var url = new EndpointUrl("https://mcp.example.com/");
    var tool = OutboundRequest.json(url, Json.newObject()).within(1000, Duration.ofSeconds(25));
    assertThat(tool.maxSilence()).isEqualTo(Duration.ofSeconds(25));
    assertThat(OutboundRequest.form(url, Map.of()).maxSilence()).isLessThan(tool.maxSilence());
    assertThat(OutboundRequest.document(url).maxSilence())
        .isLessThan(OutboundRequest.form(url, Map.of()).maxSilence());
    assertThat(OutboundRequest.json(url, Json.newObject()).maxSilence())
        .isEqualTo(OutboundRequest.form(url, Map.of()).maxSilence());
  }

  @Test
  void sendsNothingWhenNoTimeIsLeft() {
    try (var server = LoopbackServer.responding("200 OK", "", "{}")) {
      var failure = catchThrowableOfType(Failure.Unreachable.class,
          () -> door.exchange(OutboundRequest.document(server.url("/")), Deadline.in(Duration.ZERO)));

      assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_TIMEOUT);
      assertThat(failure.mayHaveArrived()).isFalse();
      assertThat(server.connections()).isZero();
    }
  }

  /** The server accepts the connection and never responds to the handshake, so no byte of the request has been sent. */
  @Test
  void knowsThatNothingArrivedWhereTlsIsNeverAgreed() {
    try (var server = LoopbackServer.doing(LoopbackServer.Connection::awaitEnd)) {
      var url = new EndpointUrl("https://127.0.0.1:" + server.port() + "/");

      var failure = failureOf(door, OutboundRequest.document(url).within(1000, SHORT));

      assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_TIMEOUT);
      assertThat(failure.mayHaveArrived()).isFalse();
    }
  }

  @Test
  void knowsThatNothingArrivedWhereTlsIsRefused() {
    try (var server = LoopbackServer.doing(connection -> connection.write("HTTP/1.1 400 Bad Request\r\n\r\n"))) {
      var failure = failureOf(door,
          OutboundRequest.document(new EndpointUrl("https://127.0.0.1:" + server.port() + "/")));

      assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_UNREACHABLE);
      assertThat(failure.mayHaveArrived()).isFalse();
    }
  }

  @Test
  void knowsThatNothingArrivedWhereTheNameIsUnknown() throws Exception {
    try (var lost = doorWith(host -> {
      throw new UnknownHostException(host);
    })) {
      var failure = failureOf(lost,
          OutboundRequest.form(new EndpointUrl("https://mcp.example.com/token"), Map.of("a", "b")));

      assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_UNREACHABLE);
      assertThat(failure.mayHaveArrived()).isFalse();
    }
  }

  @Test
  void waitsForANameNoLongerThanTheExchangeMayTake() throws Exception {
    var never = new CountDownLatch(1);
    try (var waiting = doorWith(host -> {
      await(never);
      throw new UnknownHostException(host);
    })) {
      var failure = failureOf(waiting,
          OutboundRequest.document(new EndpointUrl("https://mcp.example.com/")).within(100, SHORT));

      assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_TIMEOUT);
      assertThat(failure.mayHaveArrived()).isFalse();
    } finally {
      never.countDown();
    }
  }

  /** A first look-up may return a good address. Only the address at the time of connecting counts. */
  @Test
  void asksForTheAddressesOnceAndAtTheConnection() throws Exception {
    var asked = new AtomicInteger();
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    });
        var rebinding = doorWith(host -> new InetAddress[]{
            InetAddress.ofLiteral(asked.getAndIncrement() == 0 ? "127.0.0.1" : "0.0.0.0")})) {
      var request = OutboundRequest.document(new EndpointUrl("http://localhost:" + server.port() + "/"));
      rebinding.admit(request.url());
      assertThat(asked).hasValue(0);
      assertThat(rebinding.exchange(request, soon()).status()).isEqualTo(200);
      assertThat(asked).hasValue(1);

      assertThat(failureOf(rebinding, request).isAtForbiddenAddress()).isTrue();
      assertThat(asked).hasValue(2);
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void refusesANameThatLeadsToThisMachine() throws Exception {
    try (var rebound = new OutboundDoor(AddressPolicy.publicInternet(),
        host -> new InetAddress[]{InetAddress.ofLiteral("127.0.0.1")},
        SSLContext.getDefault())) {
      var failure = failureOf(rebound, OutboundRequest.document(new EndpointUrl("https://mcp.example.com/")));

      assertThat(failure.isAtForbiddenAddress()).isTrue();
    }
  }

  /** Another error would show which names exist in our network (split-horizon DNS). */
  @Test
  void aNameThatLeadsToAnInnerAddressFailsLikeANameThatDoesNotExist() throws Exception {
    try (var split = new OutboundDoor(AddressPolicy.publicInternet(), host -> {
      if (host.startsWith("absent")) throw new UnknownHostException(host);
      return new InetAddress[]{InetAddress.ofLiteral("10.1.2.3")};
    }, SSLContext.getDefault())) {
      var inner = failureOf(split, OutboundRequest.document(new EndpointUrl("https://inner.example.com/")));
      var absent = failureOf(split, OutboundRequest.document(new EndpointUrl("https://absent.example.com/")));

      assertThat(inner.code()).isEqualTo(absent.code()).isEqualTo(ErrorCode.UPSTREAM_UNREACHABLE);
      assertThat(inner.safeMessage()).isEqualTo(absent.safeMessage());
      assertThat(inner.mayHaveArrived()).isEqualTo(absent.mayHaveArrived()).isFalse();
      assertThat(inner.upstreamStatus()).isEqualTo(absent.upstreamStatus());
      // The log tells them apart.
      assertThat(inner.detail()).isEqualTo("a forbidden address at inner.example.com");
      assertThat(absent.detail()).isEqualTo("java.net.UnknownHostException at absent.example.com");
      assertThat(absent.isAtForbiddenAddress()).isFalse();
    }
  }

  private void assertBroken(LoopbackServer server) {
    var requests = List.of(OutboundRequest.form(server.url("/token"), Map.of("refresh_token", "rt")),
        OutboundRequest.document(server.url("/")));
    for (var request : requests) {
      var failure = failureOf(door, request);

      assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_UNREACHABLE);
      assertThat(failure.mayHaveArrived()).isTrue();
    }
    assertThat(server.requests()).hasSize(requests.size());
  }

  private static Failure.Unreachable failureOf(OutboundDoor door, OutboundRequest request) {
    return catchThrowableOfType(Failure.Unreachable.class, () -> door.exchange(request, soon()));
  }

  private static OutboundDoor doorWith(CheckingDnsResolver.NameService names) throws Exception {
    return new OutboundDoor(AddressPolicy.withLoopback(), names, SSLContext.getDefault());
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
