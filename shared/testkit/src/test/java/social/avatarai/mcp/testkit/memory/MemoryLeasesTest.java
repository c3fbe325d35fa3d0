package social.avatarai.mcp.testkit.memory;

import social.avatarai.mcp.testkit.store.LeasesContract;
import social.avatarai.mcp.token.Leases;

class MemoryLeasesTest extends LeasesContract {
  private final Leases leases = new MemoryLeases(new StoreTraffic());

  @Override
  protected Leases leases() {
    return leases;
  }
}
