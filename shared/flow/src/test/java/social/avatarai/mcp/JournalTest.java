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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.http.OutboundRequest;

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

  /** The bug: only an absolute URL was recognised, and a server may repeat its query in any form. */
  @ParameterizedTest
  @ValueSource(strings = {"Bearer resource_metadata=\"/.well-known/oauth-protected-resource/mcp?api_key=canary-1234\"",
      "mcp?api_key=canary-1234", "localhost/mcp?canary-1234", "https%3A%2F%2Fh.example%2Fmcp%3Fapi_key%3Dcanary-1234",
      "//h.example/mcp?api_key=canary-1234", "/mcp%3Fapi_key=canary-1234", "?api_key=canary-1234"})
  void writesNoQueryThatStandsWithoutAScheme(String detail) {
    journal.write("request", Map.of("detail", detail));
    assertThat(log.toString(UTF_8)).doesNotContain("canary").contains("?***");
  }

  @ParameterizedTest
  @ValueSource(strings = {"api_key=canary-1234&tenant=7", "invalid api_key=canary-1234%26tenant=7", "canary-1234",
      "api_key%3Dcanary-1234", "the key canary-1234 is wrong"})
  void writesNoQueryOfARequestOfOursInWhateverForm(String detail) throws Exception {
    Journal.withRequestId("request", () -> {
      assertThat(
          OutboundRequest.document(new EndpointUrl("https://h.example/mcp?api_key=canary-1234&tenant=7")).method())
          .isEqualTo("GET");
      journal.write("request", Map.of("detail", detail));
      return assertThat(InvocationSecrets.scrub("see /mcp?api_key=canary-1234&tenant=7"))
          .as("a server may link to itself").contains("canary-1234");
    });
    assertThat(log.toString(UTF_8)).doesNotContain("canary");
  }

  /** The bug: a hostile issuer gave a token that contained our routes and error codes, and so blanked our log. */
  @Test
  void secretThatContainsOurOwnValuesBlanksNoneOfThem() throws Exception {
    Journal.withRequestId("request", () -> {
      assertThat(new AccessToken("x POST /api/mcp/oauth/access-resource authorization_required r:0123456789abcdef0123 "
          + "issuer.of-the-attacker.example x").reveal()).isNotEmpty();
      journal.write("request", Map.of("route", "POST /api/mcp/oauth/access-resource", "error", "authorization_required",
          "connection", "r:0123456789abcdef0123", "issuer", "issuer.of-the-attacker.example"));
      journal.write("authorization_denied", Map.of("error", "POST /api/mcp/oauth/access"));
      return null;
    });
    assertThat(log.toString(UTF_8).lines()).first().asString().doesNotContain("[token]");
    assertThat(log.toString(UTF_8).lines()).last().asString().contains("[token]").doesNotContain("/api/mcp");
  }
}
