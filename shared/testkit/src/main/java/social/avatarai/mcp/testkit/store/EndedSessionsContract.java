package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.proxy.EndedSessions;

/** The contract of {@link EndedSessions}. */
public abstract class EndedSessionsContract {
  private static final Instant UNTIL = NOW.plusSeconds(3600);

  private final String session = Digest.sha256Hex(Unguessable.text());

  protected abstract EndedSessions sessions();

  @Test
  void containsASessionOnceItHasEnded() {
    assertThat(sessions().contain(session)).isFalse();
    sessions().end(session, UNTIL);
    assertThat(sessions().contain(session)).isTrue();
  }

  @Test
  void endsASessionTwiceWithoutAFault() {
    sessions().end(session, UNTIL);
    sessions().end(session, UNTIL);
    assertThat(sessions().contain(session)).isTrue();
  }

  @Test
  void endsNoOtherSession() {
    sessions().end(session, UNTIL);
    assertThat(sessions().contain(Digest.sha256Hex(Unguessable.text()))).isFalse();
  }
}
