package social.avatarai.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Outbound.ResponseReader;

/** An exchange whose reader waits for bytes that never come is ended from outside. */
class ExchangeCutTest {
  private final Failure late = failure("late");
  private final Failure ended = failure("ended");

  private final OutboundDoor door = new OutboundDoor(AddressPolicy.withLoopback());
  /** Sends some bytes, and then none. */
  private final LoopbackServer server = LoopbackServer
      .responding("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 10\r\n\r\nxxxx");

  @AfterEach
  void close() {
    door.close();
    server.close();
  }

  private static Failure failure(String detail) {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_TIMEOUT, "invented", detail, false);
  }

  private Throwable cut(ExchangeCut cut, ResponseReader<Integer> reader) {
    var request = OutboundRequest.eventStream(server.url("/")).endedBy(cut)
        .within(1000, Duration.ofSeconds(20));
    return catchThrowable(() -> door.exchange(request, Deadline.in(Duration.ofSeconds(20)), reader));
  }

  @Test
  void exchangeThatDoesNotBeginInTimeIsEnded() {
    var cut = new ExchangeCut(Duration.ofMillis(50), () -> late);
    assertThat(cut(cut, (_, body) -> body.readAllBytes().length)).isSameAs(late);
  }

  @Test
  void exchangeThatHasBegunIsEndedByAnotherThreadAlone() {
    var cut = new ExchangeCut(Duration.ZERO, () -> late);
    cut.begun();
    assertThat(cut(cut, (_, body) -> {
      Thread.ofVirtual().start(() -> cut.now(ended));
      return body.readAllBytes().length;
    })).isSameAs(ended);
  }

  @Test
  void endOfAnExchangeThatIsOverIsNone() throws IOException {
    var cut = new ExchangeCut(Duration.ofSeconds(10), () -> late);
    assertThat(cut(cut, (_, body) -> body.read())).isNull();
    cut.now(ended);
    assertThat(door.connectionsInUse()).isZero();
  }
}
