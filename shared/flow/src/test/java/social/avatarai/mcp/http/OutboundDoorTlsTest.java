package social.avatarai.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

@Execution(ExecutionMode.CONCURRENT) // they wait for time-outs
class OutboundDoorTlsTest {
  private static final String NAME = "mcp.example.com";

  @TempDir
  private static Path folder;
  private static TestCertificate certificate;

  /** The first exchange of a process loads classes. This takes longer than the short time-out of a test allows. */
  @BeforeAll
  static void exchangeOnce() {
    certificate = TestCertificate.forName(NAME, folder);
    try (var server = LoopbackServer.doing(certificate.shown(), connection -> {
      connection.readRequest();
      connection.write(LoopbackServer.response("200 OK", "", "{}"));
    }); var first = doorTo(server)) {
      first.exchange(OutboundRequest.document(urlOf(NAME, server)), soon());
    }
  }

  /** The connection goes to the checked address, but TLS and HTTP use the name. */
  @Test
  void connectsToTheAddressAndSpeaksToTheName() {
    var asked = new CompletableFuture<Object>();
    try (var server = LoopbackServer.doing(certificate.shown(), connection -> {
      connection.readRequest();
      asked.complete(connection.requestedServerNames());
      connection.write(LoopbackServer.response("200 OK", "", "{}"));
    }); var door = doorTo(server)) {
      var response = door.exchange(OutboundRequest.document(urlOf(NAME, server)), soon());

      assertThat(response.status()).isEqualTo(200);
      assertThat(asked).isCompletedWithValue(List.of(new SNIHostName(NAME)));
      assertThat(server.requests().getFirst()).contains("Host: " + NAME + ":" + server.port() + "\r\n");
    }
  }

  @Test
  void refusesACertificateForAnotherName() {
    try (var server = LoopbackServer.doing(certificate.shown(), LoopbackServer.Connection::readRequest);
        var door = doorTo(server)) {
      assertNothingLeft(door, urlOf("other.example.com", server), server);
    }
  }

  @Test
  void refusesACertificateThatNoAuthorityVouchesFor() {
    try (var server = LoopbackServer.doing(certificate.shown(), LoopbackServer.Connection::readRequest);
        var door = new OutboundDoor(AddressPolicy.withLoopback())) {
      assertNothingLeft(door, urlOf("localhost", server), server);
    }
  }

  /** Only the end of the connection ends this body, so an abort must not look like that end. */
  @Test
  void cutsAServerThatDripsUnderTls() {
    try (var server = LoopbackServer.doing(certificate.shown(), connection -> {
      connection.readRequest();
      connection.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
      connection.drip("0123456789".repeat(20));
    }); var door = doorTo(server)) {
      var request = OutboundRequest.document(urlOf(NAME, server)).within(1000, Duration.ofSeconds(2));

      var failure = catchThrowableOfType(Failure.Unreachable.class, () -> door.exchange(request, soon()));

      assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_TIMEOUT);
      assertThat(failure.mayHaveArrived()).isTrue();
    }
  }

  @Test
  void cutsAConnectionUnderTlsWhenTheReaderHasHeardEnough() throws Exception {
    var ended = new CompletableFuture<Void>();
    try (var server = LoopbackServer.doing(certificate.shown(), connection -> {
      connection.readRequest();
      // The first three bytes of a document decide whether it is compressed.
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nxyz");
      try {
        connection.awaitEnd();
      } finally {
        ended.complete(null);
      }
    }); var door = doorTo(server)) {
      assertThat(
          door.<Integer>exchange(OutboundRequest.document(urlOf(NAME, server)), soon(), (head, body) -> body.read()))
          .isEqualTo('x');
      ended.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void connectionIsUsedAgainUnderTls() {
    try (var server = LoopbackServer.doing(certificate.shown(), connection -> {
      while (connection.readRequest())
        connection.write(LoopbackServer.response("200 OK", "", "its own"));
    }); var door = doorTo(server)) {
      for (int i = 0; i < 3; i++)
        assertThat(door.exchange(OutboundRequest.document(urlOf(NAME, server)), soon()).text()).isEqualTo("its own");
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  /** The client's buffer holds 8 KB. TLS has decrypted the rest of the record, which no read of the socket shows. */
  @ParameterizedTest
  @ValueSource(ints = {0, 8192})
  void responseThatNobodyAskedForIsNotTheResponseToTheNextRequestUnderTls(int boundary) {
    String head = LoopbackServer.response("200 OK", "", "");
    String own = LoopbackServer.response("200 OK", "", "x".repeat(Math.max(1, boundary - head.length() - 3)));
    try (var server = LoopbackServer.doing(certificate.shown(), connection -> {
      while (connection.readRequest())
        connection.write(own + LoopbackServer.response("200 OK", "", "of another user"));
    }); var door = doorTo(server)) {
      for (int i = 0; i < 3; i++)
        assertThat(door.exchange(OutboundRequest.document(urlOf(NAME, server)), soon()).text()).startsWith("x");
      assertThat(server.connections()).isEqualTo(3);
    }
  }

  @Test
  void connectionThatTheServerClosedWithoutSayingSoIsNotUsedAgainUnderTls() throws Exception {
    var closed = new CountDownLatch(1);
    try (var server = LoopbackServer.doing(certificate.shown(), connection -> {
      connection.readRequest();
      connection.write(LoopbackServer.response("200 OK", "", "its own"));
      connection.close();
      closed.countDown();
    }); var door = doorTo(server)) {
      var request = OutboundRequest.document(urlOf(NAME, server));
      assertThat(door.exchange(request, soon()).text()).isEqualTo("its own");
      assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(door.exchange(request, soon()).text()).isEqualTo("its own");
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  private static void assertNothingLeft(OutboundDoor door, EndpointUrl url, LoopbackServer server) {
    var failure = catchThrowableOfType(Failure.Unreachable.class,
        () -> door.exchange(OutboundRequest.document(url), soon()));

    assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_UNREACHABLE);
    assertThat(failure.mayHaveArrived()).isFalse();
    assertThat(server.requests()).isEmpty();
  }

  private static OutboundDoor doorTo(LoopbackServer server) {
    return new OutboundDoor(new AddressPolicy(true, Set.of(server.port())),
        host -> new InetAddress[]{InetAddress.ofLiteral("127.0.0.1")}, certificate.trusted());
  }

  private static EndpointUrl urlOf(String host, LoopbackServer server) {
    return new EndpointUrl("https://" + host + ":" + server.port() + "/");
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(20));
  }
}
