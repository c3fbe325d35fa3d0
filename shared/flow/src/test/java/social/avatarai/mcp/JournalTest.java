package social.avatarai.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JournalTest {
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final Journal journal = new Journal(new PrintStream(log, true, UTF_8),
      Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC));

  /** Map.of has another order in each process, but operators search the log for equal lines. */
  @Test
  void writesTheFieldsOfAnEventInOneOrder() {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("revoked", true);
    fields.put("kept", false);
    fields.put("count", 2);
    journal.write("grant_replaced", fields);
    assertThat(log.toString(UTF_8)).isEqualToIgnoringNewLines("{\"time\":\"2026-01-02T03:04:05Z\","
        + "\"event\":\"grant_replaced\",\"request_id\":\"none\",\"count\":2,\"kept\":false,\"revoked\":true}");
  }

  /** The bug: a server that repeated the key of its URL in a document had the key written into the log. */
  @Test
  void writesNoQueryOfAUrl() {
    journal.write("request",
        Map.of("detail", "names HTTPS://h.example/mcp?api_key=canary and http://localhost:1?canary"));
    journal.write("request", Map.of("detail", "https://h.example/" + "a".repeat(270) + "?key=canary"));
    assertThat(log.toString(UTF_8)).doesNotContain("canary").contains("HTTPS://h.example/mcp?*** and", ":1?***\"");
  }
}
