package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.event.GrantEvent;
import social.avatarai.mcp.event.GrantFacts;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantState;

class LocalEventsTest {
  private static final GrantEvent EVENT = new GrantEvent(GrantEvent.Type.CONNECTED, "event-1", "1",
      Instant.parse("2026-01-02T03:04:05Z"),
      new GrantFacts(new ConnectionKey(new UserId("user"), new ConnectionId("server")), new GrantId("grant"), 1,
          GrantState.Status.ACTIVE, null, new Issuer("https://issuer.example.com")));

  /** A receiver that is never there: the queue of the local run gives up where the queue on AWS does. */
  @Test
  void aMessageIsTriedAsOftenAsOnAwsAndEachTryCounts() throws InterruptedException {
    var tries = new LinkedBlockingQueue<String>();
    var last = new CountDownLatch(LocalEvents.MAX_TRIES);
    try (var events = new LocalEvents()) {
      events.sendBy((input, _, _) -> {
        var record = new ObjectMapper().readTree(input).at("/Records/0");
        tries.add(record.at("/attributes/ApproximateReceiveCount").asText());
        events.hide(record.path("receiptHandle").asText(), Duration.ZERO);
        last.countDown();
      });
      events.publish(EVENT);

      assertThat(last.await(20, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(tries).containsExactly("1", "2", "3", "4", "5", "6", "7", "8");
  }
}
