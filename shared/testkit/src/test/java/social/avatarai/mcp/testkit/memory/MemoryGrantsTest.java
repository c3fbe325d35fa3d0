package social.avatarai.mcp.testkit.memory;

import social.avatarai.mcp.testkit.store.GrantsContract;
import social.avatarai.mcp.token.Grants;

class MemoryGrantsTest extends GrantsContract {
  private final Grants grants = new MemoryGrants(new StoreTraffic());

  @Override
  protected Grants grants() {
    return grants;
  }
}
