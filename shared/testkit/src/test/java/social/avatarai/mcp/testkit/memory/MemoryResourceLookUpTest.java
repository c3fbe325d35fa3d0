package social.avatarai.mcp.testkit.memory;

import social.avatarai.mcp.testkit.store.ResourceLookUpContract;
import social.avatarai.mcp.token.Grants;

class MemoryResourceLookUpTest extends ResourceLookUpContract {
  private final Grants grants = new MemoryGrants(new StoreTraffic());

  @Override
  protected Grants grants() {
    return grants;
  }
}
