package social.avatarai.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NegotiatedProtocolTest {
  private static final NegotiatedProtocol ONE = new NegotiatedProtocol("2025-11-25", new McpSessionId("one"), false);

  @Test
  void equalsWhatHasTheSameComponents() {
    var same = new NegotiatedProtocol("2025-11-25", new McpSessionId("one"), false);
    assertThat(ONE).isEqualTo(same).hasSameHashCodeAs(same);
  }

  @Test
  void differsInEachComponent() {
    var others = List.of(new NegotiatedProtocol("2025-06-18", new McpSessionId("one"), false),
        new NegotiatedProtocol("2025-11-25", new McpSessionId("two"), false),
        new NegotiatedProtocol("2025-11-25", new McpSessionId("one"), true));
    assertThat(others).hasSameSizeAs(NegotiatedProtocol.class.getRecordComponents()).doesNotContain(ONE);
    assertThat(new NegotiatedProtocol("2025-11-25", null)).isNotEqualTo(ONE);
  }
}
