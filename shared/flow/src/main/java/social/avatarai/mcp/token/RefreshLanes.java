package social.avatarai.mcp.token;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.http.Site;
import social.avatarai.mcp.token.DueGrants.Due;

/**
 * The due grants of one run that wait for an attempt. Each pair of user and token endpoint has a lane. The users take
 * turns, and so do the lanes of a user. No user, no endpoint and no site holds all places, so none of them delays the
 * others.
 *
 * <p>Only markers wait here, no grants: a grant may change while it waits, so it is read again before its attempt.
 */
final class RefreshLanes {
  /** All attempts at once. The outbound door has 256 connections. */
  static final int MAX_AT_ONCE = 128;
  /** Attempts at once at one site: all endpoints of a slow site together hold a quarter of all. */
  static final int MAX_OF_SITE_AT_ONCE = 32;
  /** Attempts at once at one token endpoint: a slow one holds half of the share of its site. */
  static final int MAX_OF_ENDPOINT_AT_ONCE = 16;
  static final int MAX_OF_USER_AT_ONCE = 4;
  /** Waiting markers, of about 300 bytes each. A marker beyond is left to a later run. */
  static final int MAX_WAITING = 10_000;
  /** Of these, one user has at most this many, so that one user cannot take all places. */
  static final int MAX_WAITING_OF_USER = 200;

  /**
   * A user at a token endpoint.
   *
   * @param site the site of the endpoint: a host may have many endpoints, for example one for each tenant
   */
  record Lane(UserId user, EndpointUrl endpoint, Site site) {
    Lane(UserId user, EndpointUrl endpoint) {
      this(user, endpoint, Site.of(endpoint));
    }

    static Lane of(Grant grant) {
      return new Lane(grant.key().user(), grant.target().tokenEndpoint());
    }
  }

  /** A marker in its lane. */
  record Waiting(Lane lane, Due due) {}

  /** What becomes of a marker. */
  enum Place {
    /** The attempt begins now. {@link #end} must follow. */
    BEGIN,
    /** The marker waits for its turn. */
    WAIT,
    /** There is no place for it in this run. */
    FULL,
    /** The run has seen another marker of this grant. */
    SEEN
  }

  /** The users in the order of their turns, and the lanes of each user in theirs. */
  private final Map<UserId, Map<Lane, Queue<Due>>> waiting = new LinkedHashMap<>();
  private final Map<UserId, Integer> waitingOfUser = new HashMap<>();
  /** How many markers wait for each endpoint. If no endpoint has room, thousands of lanes need not be looked at. */
  private final Map<Site, Map<EndpointUrl, Integer>> waitingAt = new HashMap<>();
  private final Map<UserId, Integer> ofUser = new HashMap<>();
  private final Map<EndpointUrl, Integer> ofEndpoint = new HashMap<>();
  private final Map<Site, Integer> ofSite = new HashMap<>();
  private final Set<ConnectionKey> seen = new HashSet<>();
  private int atOnce;
  private int allWaiting;

  synchronized Place offer(Lane lane, Due due) {
    if (!seen.add(due.key())) return Place.SEEN;
    boolean isBehindOthers = waiting.getOrDefault(lane.user(), Map.of()).containsKey(lane);
    if (!isBehindOthers && hasRoom(lane)) {
      begin(lane);
      return Place.BEGIN;
    }
    if (allWaiting >= MAX_WAITING || waitingOfUser.getOrDefault(lane.user(), 0) >= MAX_WAITING_OF_USER) {
      return Place.FULL;
    }
    waiting.computeIfAbsent(lane.user(), _ -> new LinkedHashMap<>()).computeIfAbsent(lane, _ -> new ArrayDeque<>())
        .add(due);
    waitingOfUser.merge(lane.user(), 1, Integer::sum);
    waitingAt.computeIfAbsent(lane.site(), _ -> new HashMap<>()).merge(lane.endpoint(), 1, Integer::sum);
    allWaiting++;
    return Place.WAIT;
  }

  /** The next marker whose attempt may begin. Empty if none may. {@link #end} must follow. */
  synchronized Optional<Waiting> next() {
    if (atOnce >= MAX_AT_ONCE || !isAnyEndpointFree()) return Optional.empty();
    return waiting.values().stream().flatMap(lanes -> lanes.keySet().stream()).filter(this::hasRoom).findFirst()
        .map(this::take);
  }

  private boolean isAnyEndpointFree() {
    return waitingAt.entrySet().stream().filter(site -> hasRoom(site.getKey()))
        .anyMatch(site -> site.getValue().keySet().stream().anyMatch(this::hasRoom));
  }

  private Waiting take(Lane lane) {
    // The user goes to the end, and so does the lane among those of the user.
    var lanes = Objects.requireNonNull(waiting.remove(lane.user()));
    var queue = Objects.requireNonNull(lanes.remove(lane));
    var due = queue.remove();
    if (!queue.isEmpty()) lanes.put(lane, queue);
    if (!lanes.isEmpty()) waiting.put(lane.user(), lanes);
    waitingOfUser.merge(lane.user(), -1, Integer::sum);
    waitingAt.computeIfPresent(lane.site(), (_, endpoints) -> {
      endpoints.computeIfPresent(lane.endpoint(), (_, number) -> number > 1 ? number - 1 : null);
      return endpoints.isEmpty() ? null : endpoints;
    });
    allWaiting--;
    begin(lane);
    return new Waiting(lane, due);
  }

  synchronized void end(Lane lane) {
    count(lane, -1);
  }

  /** The markers whose attempts have not begun. */
  synchronized List<Due> left() {
    return waiting.values().stream().flatMap(lanes -> lanes.values().stream()).flatMap(Queue::stream).toList();
  }

  /** Whether an attempt of this user has begun. */
  synchronized boolean hadTurn(UserId user) {
    return ofUser.containsKey(user);
  }

  private boolean hasRoom(Lane lane) {
    return atOnce < MAX_AT_ONCE && ofUser.getOrDefault(lane.user(), 0) < MAX_OF_USER_AT_ONCE
        && hasRoom(lane.endpoint()) && hasRoom(lane.site());
  }

  private boolean hasRoom(EndpointUrl endpoint) {
    return ofEndpoint.getOrDefault(endpoint, 0) < MAX_OF_ENDPOINT_AT_ONCE;
  }

  private boolean hasRoom(Site site) {
    return ofSite.getOrDefault(site, 0) < MAX_OF_SITE_AT_ONCE;
  }

  private void begin(Lane lane) {
    count(lane, 1);
  }

  private void count(Lane lane, int more) {
    atOnce += more;
    ofUser.merge(lane.user(), more, Integer::sum);
    ofEndpoint.merge(lane.endpoint(), more, Integer::sum);
    ofSite.merge(lane.site(), more, Integer::sum);
  }
}
