package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.event.GrantChange;

class GrantStreamTest {
  private static final String TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/mcp_oauth_tokens";
  private static final String BEGUN = "2026-09-01T10:11:12.345";

  private static ObjectNode record(String stream, String number) throws IOException {
    var sample = Path.of("..", "..", "events", "grant-events", "ok.json");
    var record = (ObjectNode) new ObjectMapper().readTree(Files.readString(sample)).at("/Records/0");
    record.put("eventSourceARN", stream);
    ((ObjectNode) record.path("dynamodb")).put("SequenceNumber", number);
    return record;
  }

  private static String sequence(String begun, String number) throws IOException {
    return GrantStream.change(record(TABLE + "/stream/" + begun, number)).map(GrantChange::sequence).orElseThrow();
  }

  @Test
  void theSequenceOfAnEventIsTheTimeOfItsStreamAndItsNumberThere() throws IOException {
    assertThat(sequence(BEGUN, "111000000000000000002"))
        .isEqualTo("202609011011123450000000000000000000111000000000000000002").hasSize(57);
  }

  /** A stream counts without leading zeros, and a text is compared digit by digit. */
  @ParameterizedTest
  @CsvSource({"9, 10", "99999999999999999999, 100000000000000000000"})
  void laterChangesHaveGreaterSequencesAsTexts(String earlier, String later) throws IOException {
    assertThat(sequence(BEGUN, earlier)).isLessThan(sequence(BEGUN, later));
  }

  /** Events were off for a while, or the stores in memory of a local run began again. */
  @ParameterizedTest
  @ValueSource(strings = {"2026-09-01T10:11:12.346", "2026-09-01T10:11:13", "2026-10-01T00:00:00.000",
      "2027-01-01T00:00:00.1"})
  void aStreamThatIsSwitchedOnAgainGoesOnAbove(String again) throws IOException {
    assertThat(sequence(BEGUN, "9".repeat(40))).isLessThan(sequence(again, "1"));
    assertThat(sequence(again, "1")).hasSize(57);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", TABLE, TABLE + "/stream/", TABLE + "/stream/latest"})
  void aRecordThatNamesNoStreamIsNoEvent(String stream) throws IOException {
    var record = record(stream, "1");

    assertThatThrownBy(() -> GrantStream.change(record)).isInstanceOf(Failure.BadRequest.class)
        .hasMessageContaining("eventSourceARN");
  }
}
