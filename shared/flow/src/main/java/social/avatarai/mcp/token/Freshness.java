package social.avatarai.mcp.token;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The outcome of a request for fresh tokens of a grant. */
public sealed interface Freshness {
  /** A grant that another attempt has written: its tokens can be used, unless it needs a new consent. */
  static Freshness of(Optional<Grant> current) {
    return current.filter(grant -> !grant.state().needsReauthorization()).<Freshness>map(Fresh::new)
        .orElseGet(ConsentNeeded::new);
  }


  /** Tokens to use. */
  record Fresh(Grant grant) implements Freshness {}

  /**
   * No grant, or one that cannot be renewed: the user must consent (again).
   *
   * @param upstreamStatus the HTTP status with which the authorization server refused just now; null when it was not asked
   */
  record ConsentNeeded(@Nullable Integer upstreamStatus) implements Freshness {
    ConsentNeeded() {
      this(null);
    }
  }

  /**
   * The authorization server cannot renew it now; the grant is kept and will be tried again then.
   *
   * @param upstreamStatus the HTTP status that the authorization server answered with just now; null when none was seen
   */
  record Later(Instant notBefore, @Nullable Integer upstreamStatus) implements Freshness {
    Later(Instant notBefore) {
      this(notBefore, null);
    }
  }
}
