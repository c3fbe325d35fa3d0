package social.avatarai.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;

/** However an exchange ends, its connection goes back to the pool or is cut. */
class OutboundLeakTest {
  private final OutboundDoor door = new OutboundDoor(AddressPolicy.withLoopback());

  @AfterEach
  void close() {
    assertThat(door.connectionsInUse()).isZero();
    door.close();
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(20));
  }

  @ParameterizedTest
  @ValueSource(strings = {"200 OK", "204 No Content", "302 Found", "401 Unauthorized", "500 Internal Server Error"})
  void wholeResponseGivesTheConnectionBack(String status) {
    try (var server = LoopbackServer.responding(status, "", "")) {
      door.exchange(OutboundRequest.document(server.url("/")), soon());
    }
  }

  @Test
  void readerThatReadsNothingCutsTheConnection() {
    try (var server = LoopbackServer.responding("200 OK", "", "{}")) {
      int status = door.exchange(OutboundRequest.document(server.url("/")), soon(), (head, _) -> head.status());
      assertThat(status).isEqualTo(200);
    }
  }

  @Test
  void readerThatFailsCutsTheConnection() {
    try (var server = LoopbackServer.responding("200 OK", "", "{}")) {
      assertThatThrownBy(() -> door.exchange(OutboundRequest.document(server.url("/")), soon(), (_, _) -> {
        throw new IOException("invented");
      })).isInstanceOf(Failure.class);
      assertThatThrownBy(() -> door.exchange(OutboundRequest.document(server.url("/")), soon(), (_, _) -> {
        throw new IllegalStateException("invented");
      })).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void responseOverItsLimitCutsTheConnection() {
    try (var server = LoopbackServer.responding("200 OK", "", "x".repeat(1000))) {
      var request = OutboundRequest.document(server.url("/")).within(10, Duration.ofSeconds(5));
      assertThatThrownBy(() -> door.exchange(request, soon())).isInstanceOf(Failure.class);
    }
  }

  @Test
  void responseThatDoesNotComeInTimeCutsTheConnection() {
    var never = new CountDownLatch(1);
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.awaitEnd();
      never.countDown();
    })) {
      var request = OutboundRequest.document(server.url("/")).within(10, Duration.ofMillis(200));
      assertThatThrownBy(() -> door.exchange(request, soon())).isInstanceOf(Failure.Unreachable.class);
    }
  }

  /** A reader of a stream is stopped by an interrupt of its thread. */
  @Test
  void interruptedVirtualThreadCutsTheConnection() throws InterruptedException {
    var reading = new CountDownLatch(1);
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n");
      connection.awaitEnd();
    })) {
      var listener = Thread.ofVirtual().start(() -> {
        try {
          door.exchange(OutboundRequest.eventStream(server.url("/")), soon(), (_, body) -> {
            body.readNBytes(5);
            reading.countDown();
            return body.read();
          });
        } catch (Failure e) {
          // The connection was cut, as expected.
        }
      });
      reading.await();
      listener.interrupt();
      assertThat(listener.join(Duration.ofSeconds(10))).isTrue();
    }
  }
}
