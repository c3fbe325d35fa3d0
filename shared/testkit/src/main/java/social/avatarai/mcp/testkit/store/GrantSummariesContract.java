package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.token.Account;
import social.avatarai.mcp.token.AccountChange;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.GrantSummaries;
import social.avatarai.mcp.token.GrantSummary;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Leases;
import social.avatarai.mcp.token.Leases.Lease;

/** The contract of {@link GrantSummaries} for the grants that {@link Grants} stores. */
public abstract class GrantSummariesContract {

  protected abstract GrantSummaries summaries();

  protected abstract Grants grants();

  protected abstract Leases leases();

  /** Makes a stored grant unreadable. */
  protected abstract void spoil(ConnectionKey key);

  private static ConnectionKey ofResource(UserId user, int number) {
    return new ConnectionKey(user, ConnectionId.ofResource(new ResourceUri("https://mcp.example/" + number)));
  }

  private static Listed<GrantSummary> listed(Grant grant) {
    return Listed.readable(grant.key().connection(), GrantSummary.of(grant));
  }

  private List<ConnectionId> ids(UserId user, @Nullable ConnectionId after, int limit) {
    return summaries().ofResources(user, after, limit).stream().map(Listed::connection).toList();
  }

  /** Stores this number of grants of resources. Returns them in the order of their ids. */
  private List<Grant> stored(UserId user, int count) {
    var all = IntStream.range(0, count).mapToObj(i -> Samples.grant(ofResource(user, i)))
        .sorted((a, b) -> a.key().connection().value().compareTo(b.key().connection().value())).toList();
    all.forEach(grants()::store);
    return all;
  }

  @Test
  void readsOfEachGrantWhatMayBeShown() {
    var full = Samples.grant();
    var plain = Samples.plainGrant(new ConnectionKey(full.key().user(), new ConnectionId("plain")));
    Stream.of(full, plain).forEach(grants()::store);
    var stated = Samples.statedGrant(new ConnectionKey(full.key().user(), new ConnectionId("stated")));
    grants().store(stated);
    var ids = List.of(full.key().connection(), plain.key().connection(), stated.key().connection(),
        new ConnectionId("none"));
    assertThat(summaries().read(full.key().user(), ids)).containsExactlyInAnyOrder(listed(full), listed(plain),
        listed(stated));
    assertThat(summaries().read(Samples.user(), ids)).isEmpty();
    assertThat(summaries().read(full.key().user(), List.of())).isEmpty();
  }

  @Test
  void readsWhatBecameOfAGrant() {
    var grant = Samples.grant();
    grants().store(grant);
    var next = grant.renewed(Samples.tokens("renewed"), GrantState.healthy(NOW, 82_500_100));
    assertThat(grants().commit(next)).isTrue();
    grants().noteUse(next, NOW.plusSeconds(3600));
    assertThat(summaries().read(grant.key().user(), List.of(grant.key().connection())))
        .containsExactly(listed(next.usedAt(NOW.plusSeconds(3600))));
  }

  @Test
  void readsTheAccountAndTheOneThatWaits() {
    var grant = Samples.grantOf(Samples.key(), "alice");
    grants().store(grant);
    var change = new AccountChange(GrantId.fresh(), new Account("bob", "Bob"), NOW.plusSeconds(600));
    grants().noteAccountChange(grant, change);
    var summary = summaries().read(grant.key().user(), List.of(grant.key().connection())).getFirst().read()
        .orElseThrow();
    assertThat(summary.account()).isEqualTo(new Account("alice", "alice@example.com"));
    assertThat(summary.accountChange()).isEqualTo(change);
    assertThat(summary.shownWarnings(NOW)).contains(Grant.Warning.ACCOUNT_CHANGED);
    assertThat(summary.shownWarnings(change.expiresAt())).doesNotContain(Grant.Warning.ACCOUNT_CHANGED);
    grants().endAccountChange(grant.key(), change.id());
    assertThat(summaries().read(grant.key().user(), List.of(grant.key().connection()))).containsExactly(listed(grant));
  }

  @Test
  void readsMoreThanOneBatchTakes() {
    var user = Samples.user();
    var ids = IntStream.range(0, 150).mapToObj(i -> new ConnectionId("server-" + i)).toList();
    var last = Samples.grant(new ConnectionKey(user, ids.getLast()));
    grants().store(last);
    assertThat(summaries().read(user, ids)).containsExactly(listed(last));
  }

  @Test
  void listsTheGrantsOfResourcesAloneInTheOrderOfTheirIds() {
    var user = Samples.user();
    var all = stored(user, 3);
    var ofServer = Samples.grant(new ConnectionKey(user, new ConnectionId("server")));
    grants().store(ofServer);
    leases().acquire(new Lease(all.getFirst().key(), all.getFirst().id(), 1, NOW.plusSeconds(60)), NOW);
    stored(Samples.user(), 1);
    assertThat(summaries().ofResources(user, null, 10)).containsExactlyElementsOf(
        all.stream().map(GrantSummariesContract::listed).toList());
    assertThat(summaries().ofResources(Samples.user(), null, 10)).isEmpty();
  }

  @Test
  void goesOnAfterAnIdWhetherItIsThereOrNot() {
    var user = Samples.user();
    var ids = stored(user, 5).stream().map(grant -> grant.key().connection()).toList();
    assertThat(ids(user, null, 2)).isEqualTo(ids.subList(0, 2));
    assertThat(ids(user, ids.get(1), 2)).isEqualTo(ids.subList(2, 4));
    assertThat(ids(user, ids.get(3), 2)).isEqualTo(ids.subList(4, 5));
    assertThat(ids(user, ids.get(4), 2)).isEmpty();
    grants().delete(grants().read(new ConnectionKey(user, ids.get(1))).orElseThrow());
    assertThat(ids(user, ids.get(1), 2)).isEqualTo(ids.subList(2, 4));
  }

  @Test
  void unreadableGrantIsListedAndCostsNoOther() {
    var user = Samples.user();
    var all = stored(user, 3);
    var spoilt = all.get(1).key();
    spoil(spoilt);
    var listed = summaries().ofResources(user, null, 10);
    assertThat(listed).hasSize(3).element(1).satisfies(row -> {
      assertThat(row.connection()).isEqualTo(spoilt.connection());
      assertThat(row.read()).isEmpty();
      assertThat(row.fault()).isNotEmpty();
    });
    assertThat(
        listed.stream().filter(row -> row.read().isPresent()).map(row -> Objects.requireNonNull(row.value()).key()))
        .containsExactly(all.get(0).key(), all.get(2).key());
    assertThat(summaries().read(user, List.of(spoilt.connection()))).singleElement()
        .satisfies(row -> assertThat(row.read()).isEmpty());
  }
}
