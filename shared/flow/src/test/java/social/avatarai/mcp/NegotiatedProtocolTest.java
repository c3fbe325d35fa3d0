package social.avatarai.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NegotiatedProtocolTest {

  @Test
  void wireNameKeepsTheTransport() {
    for (var protocol : new NegotiatedProtocol[]{NegotiatedProtocol.modern(),
        new NegotiatedProtocol("2025-11-25", null), NegotiatedProtocol.overSse("2024-11-05"),
        NegotiatedProtocol.overSse("")}) {
      assertThat(NegotiatedProtocol.ofWire(protocol.wireName(), null)).isEqualTo(protocol);
    }
  }

  @Test
  void wireNamesOfTheReleaseBeforeStayReadable() {
    assertThat(NegotiatedProtocol.ofWire("2025-06-18", null)).isEqualTo(new NegotiatedProtocol("2025-06-18", null));
    assertThat(NegotiatedProtocol.ofWire("2026-07-28", null).isModern()).isTrue();
  }
}
