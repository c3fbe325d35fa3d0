package social.avatarai.mcp.testkit.memory;

import social.avatarai.mcp.testkit.store.DueGrantsContract;
import social.avatarai.mcp.token.DueGrants;

class MemoryDueGrantsTest extends DueGrantsContract {
  private final DueGrants dueGrants = new MemoryDueGrants(new StoreTraffic());

  @Override
  protected DueGrants dueGrants() {
    return dueGrants;
  }
}
