package social.avatarai.mcp.token;

import java.time.Instant;

/** What came of wanting a grant's tokens fresh. */
public sealed interface Freshness {

  /** Tokens to use. */
  record Fresh(Grant grant) implements Freshness {}

  /** No grant, or one that cannot be renewed: the user must consent (again). */
  record ConsentNeeded() implements Freshness {}

  /** The authorization server cannot renew it now; the grant is kept and will be tried again then. */
  record Later(Instant notBefore) implements Freshness {}
}
