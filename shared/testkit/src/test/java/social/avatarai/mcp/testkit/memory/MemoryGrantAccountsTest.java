package social.avatarai.mcp.testkit.memory;

import social.avatarai.mcp.testkit.store.GrantAccountsContract;
import social.avatarai.mcp.token.Grants;

class MemoryGrantAccountsTest extends GrantAccountsContract {
  private final Grants grants = new MemoryGrants(new StoreTraffic());

  @Override
  protected Grants grants() {
    return grants;
  }
}
