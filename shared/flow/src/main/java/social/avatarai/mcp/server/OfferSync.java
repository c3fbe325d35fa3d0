package social.avatarai.mcp.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.OfferedWords;
import social.avatarai.mcp.record.ServerOffer;
import social.avatarai.mcp.record.ServerOffers;
import social.avatarai.mcp.record.ToolChange;
import social.avatarai.mcp.registration.RequestBudget;
import social.avatarai.mcp.resource.GrantedAccess;
import social.avatarai.mcp.resource.GrantedAccess.Asking;
import social.avatarai.mcp.resource.Offered;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.Grants;

/**
 * Lists what servers offer, where their records say {@code syncResources}: after each successful connect, and once a
 * day while the server is in use.
 *
 * <p>The caller's result is ready before the listing starts. A list that cannot be read or stored does not change that
 * result, and is left to the next occasion.
 */
public final class OfferSync {
  private static final Duration MAX_TO_LIST = Duration.ofSeconds(10);
  private static final Duration MIN_TO_LIST = Duration.ofSeconds(2);
  /** A server without a grant has no note of its use, so each process looks at its offer at most this often. */
  private static final Duration MIN_BETWEEN_LOOKS = Duration.ofHours(1);
  private static final int MAX_LOOKS = 1000;

  private final ServerOffers offers;
  private final RecordedServers servers;
  private final Grants grants;
  private final GrantedAccess access;
  private final RequestBudget budget;
  private final Clock clock;
  private final Journal journal;
  /** When this process last looked at the offers of servers without a grant. */
  private final Map<ConnectionKey, Instant> looks = new LinkedHashMap<>();

  public OfferSync(ServerOffers offers, RecordedServers servers, Grants grants, GrantedAccess access,
      RequestBudget budget, Clock clock, Journal journal) {
    this.offers = offers;
    this.servers = servers;
    this.grants = grants;
    this.access = access;
    this.budget = budget;
    this.clock = clock;
    this.journal = journal;
  }

  /** Lists what a server offers that has just described itself, with its grant or without one. */
  void afterConnect(McpServer server, JsonNode description, Deadline deadline) {
    if (!server.showsOffer()) return;
    attempt(server.key(), deadline,
        time -> list(server, grant(server), offers.find(server.key()).orElse(null), description, time));
  }

  /** Looks at the record of a grant that was used, and lists what its server offers: once a consent, and once a day. */
  public void afterUse(Grant used, Deadline deadline) {
    if (used.key().connection().isOfResource()) return;
    attempt(used.key(), deadline,
        time -> servers.recorded(used.key()).filter(server -> server.enabled() && server.showsOffer())
            .ifPresent(server -> listWhenOld(server, used.id(), time)));
  }

  /** Lists what a server without a grant offers, once a day. */
  public void afterOpenUse(McpServer server, Deadline deadline) {
    if (!server.showsOffer() || !isTimeToLook(server.key())) return;
    attempt(server.key(), deadline, time -> listWhenOld(server, null, time));
  }

  private synchronized boolean isTimeToLook(ConnectionKey key) {
    var now = clock.instant();
    var last = looks.get(key);
    if (last != null && last.plus(MIN_BETWEEN_LOOKS).isAfter(now)) return false;
    looks.remove(key);
    if (looks.size() >= MAX_LOOKS) looks.remove(looks.keySet().iterator().next());
    looks.put(key, now);
    return true;
  }

  private void listWhenOld(McpServer server, @Nullable GrantId used, Deadline deadline) {
    var before = offers.find(server.key()).orElse(null);
    if (before != null && before.isOf(server, used) && !before.isOld(clock.instant())) return;
    var grant = grant(server);
    // Under another consent, or under none, the server may say something else.
    if (Objects.equals(used, grant.map(Grant::id).orElse(null))) list(server, grant, before, null, deadline);
  }

  /** Read again: the session and the token may be newer than those with which the call began. */
  private Optional<Grant> grant(McpServer server) {
    return grants.read(server.key()).filter(server::isServedBy);
  }

  private void list(McpServer server, Optional<Grant> grant, @Nullable ServerOffer before,
      @Nullable JsonNode description, Deadline deadline) {
    var offered = offered(server, grant, description, deadline);
    var words = OfferedWords.of(server.url(), offered.description(), offered.lists());
    var now = ServerOffer.listed(server, grant.map(Grant::id).orElse(null), clock.instant(), words);
    // The record may be gone, or may be for another server by now.
    boolean same = servers.recorded(server.key())
        .filter(there -> there.showsOffer() && there.url().equals(server.url())).isPresent();
    if (!same || !offers.keep(server.key(), now.after(before), before)) return;
    var changes = now.changesSince(before);
    if (!changes.isEmpty()) journal.write("tools_changed", counted(server.key(), changes));
  }

  private Offered offered(McpServer server, Optional<Grant> grant, @Nullable JsonNode description, Deadline deadline) {
    var user = server.key().user();
    var asking = Asking.ofRecord(server, server.url(), null, budget.callOf(user));
    return grant.map(held -> access.offered(asking, held, description, deadline))
        .orElseGet(() -> access.offered(asking, servers.agreements(server), description, deadline));
  }

  private static Map<String, Object> counted(ConnectionKey key, List<ToolChange> changes) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("connection", key.connection());
    for (var kind : ToolChange.Kind.values())
      fields.put(kind.wireName(), changes.stream().filter(change -> change.kind() == kind).count());
    return fields;
  }

  private interface Step {
    void run(Deadline deadline);
  }

  private void attempt(ConnectionKey key, Deadline deadline, Step step) {
    if (!deadline.hasAtLeast(MIN_TO_LIST)) return;
    try {
      step.run(Deadline.in(deadline.remaining(MAX_TO_LIST)));
    } catch (RuntimeException e) {
      journal.write("offer_not_listed", Map.of("connection", key.connection(), "detail",
          e instanceof Failure failure ? failure.code().wireName() : e.getClass().getName()));
    }
  }
}
