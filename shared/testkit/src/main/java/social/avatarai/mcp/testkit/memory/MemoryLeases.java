package social.avatarai.mcp.testkit.memory;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.token.Leases;

/** Leases in memory. */
public final class MemoryLeases implements Leases {
  private final Map<ConnectionKey, Lease> rows = new ConcurrentHashMap<>();
  private final StoreTraffic traffic;

  public MemoryLeases(StoreTraffic traffic) {
    this.traffic = traffic;
  }

  @Override
  public Acquired acquire(Lease lease, Instant now) {
    traffic.note(StoreTraffic.Item.LEASE_WRITE);
    var result = new AtomicReference<Acquired>(new Acquired.First());
    rows.compute(lease.key(), (_, row) -> {
      if (row != null) result.set(acquired(row, lease, now));
      return row != null && result.get() instanceof Acquired.Held ? row : lease;
    });
    return result.get();
  }

  private static Acquired acquired(Lease row, Lease lease, Instant now) {
    if (!row.grant().equals(lease.grant())) return new Acquired.TakenOver();
    if (row.fromVersion() < lease.fromVersion()) return new Acquired.First();
    boolean over = row.fromVersion() == lease.fromVersion() && !row.until().isAfter(now);
    return over ? new Acquired.TakenOver() : new Acquired.Held(row.until());
  }

  @Override
  public void release(Lease lease) {
    traffic.note(StoreTraffic.Item.LEASE_WRITE);
    rows.computeIfPresent(lease.key(), (_, row) -> row.equals(lease)
        ? new Lease(lease.key(), lease.grant(), lease.fromVersion(), Instant.EPOCH)
        : row);
  }
}
