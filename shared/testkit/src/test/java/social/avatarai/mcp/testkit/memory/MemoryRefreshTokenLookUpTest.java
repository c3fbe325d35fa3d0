package social.avatarai.mcp.testkit.memory;

import social.avatarai.mcp.testkit.store.RefreshTokenLookUpContract;
import social.avatarai.mcp.token.Grants;

class MemoryRefreshTokenLookUpTest extends RefreshTokenLookUpContract {
  private final Grants grants = new MemoryGrants(new StoreTraffic());

  @Override
  protected Grants grants() {
    return grants;
  }
}
