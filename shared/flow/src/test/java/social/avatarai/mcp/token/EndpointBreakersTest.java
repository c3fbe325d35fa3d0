package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.MovableClock;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.token.EndpointBreakers.Word;
import social.avatarai.mcp.token.RefreshLanes.Lane;

/** A breaker opens when several users get no usable response, and closes with the first response. */
class EndpointBreakersTest {
  private final MovableClock clock = new MovableClock();
  private final EndpointBreakers breakers = new EndpointBreakers(clock);

  private static Lane lane(String user) {
    return new Lane(new UserId(user), new EndpointUrl("https://as.example.com/token"));
  }

  private boolean mayTry(String user) {
    return breakers.closedTo(lane(user)).isEmpty();
  }

  private void fails(String... users) {
    for (String user : users)
      breakers.note(lane(user), Word.FAILED);
  }

  @BeforeEach
  void closed() {
    assertThat(mayTry("a")).isTrue();
  }

  @Test
  void oneUserAloneOpensNoBreakerOfASharedIssuer() {
    for (int i = 0; i < 100; i++)
      fails("a");
    assertThat(mayTry("b")).isTrue();
  }

  @Test
  void severalUsersInARowOpenIt() {
    fails("a", "b", "c");
    assertThat(breakers.closedTo(lane("d"))).contains(clock.instant().plus(EndpointBreakers.FIRST_OPEN));
    assertThat(breakers.closedTo(new Lane(new UserId("d"), new EndpointUrl("https://other.example.com/token"))))
        .isEmpty();
  }

  @Test
  void responseInBetweenKeepsItClosed() {
    fails("a", "b");
    breakers.note(lane("d"), Word.RESPONDED);
    fails("c");
    assertThat(mayTry("e")).isTrue();
  }

  @Test
  void halfOpenItLetsOneAttemptOfEachOfAFewUsersThrough() {
    fails("a", "b", "c");
    clock.advance(EndpointBreakers.FIRST_OPEN);
    assertThat(mayTry("a")).isTrue();
    assertThat(mayTry("a")).isFalse();
    assertThat(mayTry("b")).isTrue();
    assertThat(mayTry("c")).isTrue();
    assertThat(mayTry("d")).isFalse();
    breakers.note(lane("b"), Word.RESPONDED);
    assertThat(mayTry("d")).isTrue();
  }

  @Test
  void failedProbesOpenItForTwiceAsLong() {
    fails("a", "b", "c");
    clock.advance(EndpointBreakers.FIRST_OPEN);
    assertThat(mayTry("a")).isTrue();
    fails("a");
    assertThat(breakers.closedTo(lane("b"))).contains(clock.instant().plus(Duration.ofMinutes(2)));
  }

  @Test
  void probeThatAskedNothingLeavesRoomForAnother() {
    fails("a", "b", "c");
    clock.advance(EndpointBreakers.FIRST_OPEN);
    assertThat(mayTry("a")).isTrue();
    breakers.note(lane("a"), Word.NONE);
    assertThat(mayTry("a")).isTrue();
  }
}
