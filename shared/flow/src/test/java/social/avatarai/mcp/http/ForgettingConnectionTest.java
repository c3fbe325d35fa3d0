package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
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

  /** With a dead connection it would be unknown whether the second request arrived. */
  @Test
  void connectionThatTheServerClosedWithoutSayingSoIsNotUsedAgain() throws InterruptedException {
    var closed = new CountDownLatch(1);
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.write(RESPONSE);
      connection.close();
      closed.countDown();
    })) {
      assertThat(exchange(server)).isEqualTo("its own");
      await(closed);
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
        var request = OutboundRequest.json(server.url("/"), TextNode.valueOf(body));
        assertThat(door.exchange(request, Deadline.in(Duration.ofSeconds(20))).text()).isEqualTo(body);
      }
      assertThat(server.requests()).hasSize(6).last().asString().endsWith("\r\n\r\n\"" + body + "\"");
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  /** TLS keeps the last record of a connection. The record of a token response holds tokens. */
  @Test
  void connectionIsClosedAfterAResponseThatHandsOverSecrets() throws Exception {
    var ended = new CountDownLatch(2);
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.write(RESPONSE);
      try {
        connection.awaitEnd();
      } finally {
        ended.countDown();
      }
    })) {
      var url = server.url("/");
      for (var request : List.of(OutboundRequest.form(url, Map.of("code", "x")),
          OutboundRequest.json(url, TextNode.valueOf("x")).closingConnection()))
        assertThat(door.exchange(request, Deadline.in(Duration.ofSeconds(20))).text()).isEqualTo("its own");
      await(ended);
      assertThat(server.connections()).isEqualTo(2);
      assertThat(server.requests()).allSatisfy(request -> assertThat(request).contains("Connection: close\r\n"));
    }
  }

  /** The bug: the pool looked at its idle connections only when it was asked for one. */
  @Test
  void idleConnectionIsClosedThoughNoRequestFollows() throws Exception {
    var ended = new CountDownLatch(1);
    try (var server = LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.write(RESPONSE);
      connection.awaitEnd();
      ended.countDown();
    });
        var client = new OutboundClient(
            new CheckingDnsResolver(AddressPolicy.withLoopback(), InetAddress::getAllByName),
            SystemTrust::tls, Duration.ofMillis(20))) {
      var end = Deadline.in(Duration.ofSeconds(20));
      var request = OutboundRequest.document(server.url("/"));
      try (var hop = client.hop(request, request.url(), Duration.ofSeconds(20), end)) {
        assertThat(hop.<String>read(hop.send(), request, (_, body) -> new String(body.readAllBytes(), UTF_8)))
            .isEqualTo("its own");
      }
      await(ended);
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
