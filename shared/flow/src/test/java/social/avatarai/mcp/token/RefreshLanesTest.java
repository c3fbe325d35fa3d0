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

/** Users take turns, and no user, no token endpoint and no site holds all places. */
class RefreshLanesTest {
  private final RefreshLanes lanes = new RefreshLanes();

  private static Lane lane(String user, String host) {
    return new Lane(new UserId(user), new EndpointUrl("https://" + host + ".example/token"));
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
  void oneEndpointHasAShareOfTheAttempts() {
    assertThat(IntStream.range(0, 100).mapToObj(i -> offer(lane("user-" + i, "slow"), 0)).filter(Place.BEGIN::equals))
        .hasSize(RefreshLanes.MAX_OF_ENDPOINT_AT_ONCE);
    assertThat(offer(lane("other", "fast"), 0)).isEqualTo(Place.BEGIN);
  }

  /** The bug: the bound was of an endpoint, and one host with an endpoint for each tenant held all places. */
  @Test
  void oneSiteWithManyEndpointsHasAShareOfTheAttempts() {
    var tenants = IntStream.range(0, 1_000).mapToObj(i -> new Lane(new UserId("user-" + i),
        new EndpointUrl("https://login-" + i % 7 + ".slow.example/" + i + "/token")));
    assertThat(tenants.map(tenant -> offer(tenant, 0)).filter(Place.BEGIN::equals).count())
        .isEqualTo(RefreshLanes.MAX_OF_SITE_AT_ONCE);
    assertThat(offer(lane("other", "fast"), 0)).isEqualTo(Place.BEGIN);
  }

  /** The bug: lanes took turns, and a user with 200 endpoints had 200 turns before the next user had one. */
  @Test
  void userWithManyEndpointsHasOneTurnBeforeTheNextUser() {
    int held = RefreshLanes.MAX_AT_ONCE / RefreshLanes.MAX_OF_USER_AT_ONCE;
    IntStream.range(0, RefreshLanes.MAX_AT_ONCE)
        .forEach(i -> assertThat(offer(lane("hanging-" + i % held, "host-" + i % 8), i)).isEqualTo(Place.BEGIN));
    IntStream.range(0, 100).forEach(i -> assertThat(offer(lane("many", "many-" + i), i)).isEqualTo(Place.WAIT));
    assertThat(offer(lane("other", "fast"), 0)).isEqualTo(Place.WAIT);
    lanes.end(lane("hanging-0", "host-0"));
    lanes.end(lane("hanging-1", "host-1"));
    assertThat(lanes.next().orElseThrow().lane().user()).isEqualTo(new UserId("many"));
    assertThat(lanes.next().orElseThrow().lane().user()).isEqualTo(new UserId("other"));
  }

  @Test
  void oneUserHasAShareOfThePlacesToWait() {
    var many = lane("many", "slow");
    int all = RefreshLanes.MAX_OF_USER_AT_ONCE + RefreshLanes.MAX_WAITING_OF_USER;
    IntStream.range(0, all).forEach(i -> offer(many, i));
    assertThat(offer(many, all)).isEqualTo(Place.FULL);
  }

  @Test
  void usersTakeTurns() {
    for (var user : new String[]{"a", "b"})
      IntStream.range(0, RefreshLanes.MAX_OF_USER_AT_ONCE + 2).forEach(i -> offer(lane(user, "as"), i));
    lanes.end(lane("a", "as"));
    lanes.end(lane("b", "as"));
    assertThat(lanes.next().orElseThrow().lane().user()).isEqualTo(new UserId("a"));
    assertThat(lanes.next().orElseThrow().lane().user()).isEqualTo(new UserId("b"));
    assertThat(lanes.next()).isEmpty();
  }

  /** A user who had no turn in this run is looked at again in the next one. */
  @Test
  void userHasHadATurnOnceAnAttemptHasBegun() {
    var places = IntStream.rangeClosed(0, RefreshLanes.MAX_OF_ENDPOINT_AT_ONCE)
        .mapToObj(i -> offer(lane("user-" + i, "slow"), i)).toList();
    assertThat(places.getLast()).isEqualTo(Place.WAIT);
    var last = new UserId("user-" + RefreshLanes.MAX_OF_ENDPOINT_AT_ONCE);
    assertThat(lanes.hadTurn(last)).isFalse();
    lanes.end(lane("user-0", "slow"));
    assertThat(lanes.hadTurn(new UserId("user-0"))).isTrue();
    assertThat(lanes.next()).isPresent();
    assertThat(lanes.hadTurn(last)).isTrue();
  }

  @Test
  void secondMarkerOfAGrantBeginsNothing() {
    assertThat(offer(lane("a", "as"), 0)).isEqualTo(Place.BEGIN);
    assertThat(offer(lane("a", "as"), 0)).isEqualTo(Place.SEEN);
  }
}
