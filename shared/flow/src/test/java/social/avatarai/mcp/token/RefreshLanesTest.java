package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.token.DueGrants.Due;
import social.avatarai.mcp.token.RefreshLanes.Lane;
import social.avatarai.mcp.token.RefreshLanes.Place;

/** Lanes take turns, and no user and no issuer holds all places. */
class RefreshLanesTest {
  private final RefreshLanes lanes = new RefreshLanes();

  private static Lane lane(String user, String host) {
    return new Lane(new UserId(user), new EndpointUrl("https://" + host + ".example.com/token"));
  }

  private Place offer(Lane lane, int number) {
    return lanes.offer(lane, new Due(new ConnectionKey(lane.user(), new ConnectionId("c-" + number)), 1));
  }

  @Test
  void oneUserHasAShareOfTheAttempts() {
    var many = lane("many", "slow");
    assertThat(IntStream.range(0, 10).mapToObj(i -> offer(many, i)).filter(Place.BEGIN::equals))
        .hasSize(RefreshLanes.MAX_OF_USER_AT_ONCE);
    assertThat(lanes.next()).isEmpty();
    assertThat(offer(lane("other", "slow"), 0)).isEqualTo(Place.BEGIN);
    assertThat(lanes.left()).hasSize(10 - RefreshLanes.MAX_OF_USER_AT_ONCE);
  }

  @Test
  void oneIssuerHasAShareOfTheAttempts() {
    assertThat(IntStream.range(0, 100).mapToObj(i -> offer(lane("user-" + i, "slow"), 0)).filter(Place.BEGIN::equals))
        .hasSize(RefreshLanes.MAX_OF_ISSUER_AT_ONCE);
    assertThat(offer(lane("other", "fast"), 0)).isEqualTo(Place.BEGIN);
  }

  @Test
  void oneUserHasAShareOfThePlacesToWait() {
    var many = lane("many", "slow");
    int all = RefreshLanes.MAX_OF_USER_AT_ONCE + RefreshLanes.MAX_WAITING_OF_USER;
    IntStream.range(0, all).forEach(i -> offer(many, i));
    assertThat(offer(many, all)).isEqualTo(Place.FULL);
  }

  @Test
  void lanesTakeTurns() {
    for (var user : new String[]{"a", "b"})
      IntStream.range(0, RefreshLanes.MAX_OF_USER_AT_ONCE + 2).forEach(i -> offer(lane(user, "as"), i));
    lanes.end(lane("a", "as"));
    lanes.end(lane("b", "as"));
    assertThat(lanes.next().orElseThrow().lane().user()).isEqualTo(new UserId("a"));
    assertThat(lanes.next().orElseThrow().lane().user()).isEqualTo(new UserId("b"));
    assertThat(lanes.next()).isEmpty();
  }

  @Test
  void secondMarkerOfAGrantBeginsNothing() {
    assertThat(offer(lane("a", "as"), 0)).isEqualTo(Place.BEGIN);
    assertThat(offer(lane("a", "as"), 0)).isEqualTo(Place.SEEN);
  }
}
