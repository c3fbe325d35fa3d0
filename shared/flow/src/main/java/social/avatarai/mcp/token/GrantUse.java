package social.avatarai.mcp.token;

import java.util.Optional;
import social.avatarai.mcp.Deadline;

/** Decides whether a stored grant may be used for the caller now. */
@FunctionalInterface
public interface GrantUse {

  /**
   * The grant as it may be used; {@code server_disabled} if its server is switched off. Empty if its server is no longer
   * the one that it was given for: then the grant has been ended.
   */
  Optional<Grant> usable(Grant grant, Deadline deadline);
}
