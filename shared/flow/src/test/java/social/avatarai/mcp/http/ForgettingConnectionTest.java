package social.avatarai.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Deadline;

class ForgettingConnectionTest {
  private static final String RESPONSE = LoopbackServer.response("200 OK", "", "its own");
  private static final String STRAY = LoopbackServer.response("200 OK", "", "of another user");
  private final OutboundDoor door = new OutboundDoor(AddressPolicy.withLoopback());

  @AfterEach
  void close() {
    door.close();
  }

  private String exchange(LoopbackServer server) {
    return door.exchange(OutboundRequest.document(server.url("/")), Deadline.in(Duration.ofSeconds(20))).text();
  }

  /** The second response of a server to one request would be the response to the next user's request. */
  @Test
  void responseThatNobodyAskedForIsNotTheResponseToTheNextRequest() {
    try (var server = LoopbackServer.doing(connection -> {
      while (connection.readRequest())
        connection.write(RESPONSE + STRAY);
    })) {
      for (int i = 0; i < 3; i++)
        assertThat(exchange(server)).isEqualTo("its own");
      assertThat(server.connections()).isEqualTo(3);
    }
  }

  @Test
  void responseThatArrivesBetweenTwoRequestsIsNotTheResponseToTheSecondOne() throws InterruptedException {
    var ended = new CountDownLatch(1);
    var strayed = new CountDownLatch(1);
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.write(RESPONSE);
      await(ended);
      connection.write(STRAY);
      strayed.countDown();
      connection.readRequest();
    })) {
      assertThat(exchange(server)).isEqualTo("its own");
      ended.countDown();
      await(strayed);
      assertThat(exchange(server)).isEqualTo("its own");
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  /** What is overwritten between two exchanges must not be part of the second one. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1023, 1024, 8191, 8192, 8193, 32_767, 32_768, 100_000})
  void connectionIsUsedAgainForMessagesOfEverySize(int size) {
    String body = "x".repeat(size);
    try (var server = LoopbackServer.responding("200 OK", "", body)) {
      for (int i = 0; i < 3; i++) {
        assertThat(exchange(server)).isEqualTo(body);
        var request = OutboundRequest.form(server.url("/"), Map.of("parameter", body));
        assertThat(door.exchange(request, Deadline.in(Duration.ofSeconds(20))).text()).isEqualTo(body);
      }
      assertThat(server.requests()).hasSize(6).last().asString().endsWith("\r\n\r\nparameter=" + body);
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
