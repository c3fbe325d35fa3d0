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

  /** The grant waits until the time that is noted in it, or can be tried now. */
  static Freshness later(Grant grant, Instant now) {
    var notBefore = grant.state().notBefore();
    return new Later(notBefore == null ? now : notBefore);
  }

  /** Tokens that can be used. */
  record Fresh(Grant grant) implements Freshness {}

  /**
   * There is no grant, or the grant cannot be renewed: the user must consent.
   *
   * @param upstreamStatus the HTTP status of the refusal just now; null if the authorization server was not asked
   */
  record ConsentNeeded(@Nullable Integer upstreamStatus) implements Freshness {
    ConsentNeeded() {
      this(null);
    }
  }

  /**
   * The authorization server cannot renew the grant now. The grant is kept.
   *
   * @param notBefore the time of the next attempt
   * @param upstreamStatus the HTTP status of the authorization server just now; null if there was none
   */
  record Later(Instant notBefore, @Nullable Integer upstreamStatus) implements Freshness {
    Later(Instant notBefore) {
      this(notBefore, null);
    }
  }
}
