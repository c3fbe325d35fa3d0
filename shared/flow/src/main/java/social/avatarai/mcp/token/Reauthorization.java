package social.avatarai.mcp.token;

import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.token.GrantState.Cause;

/** The one place where a grant is turned into a grant that needs a new consent. Every way there is logged once. */
final class Reauthorization {
  private final Journal journal;

  Reauthorization(Journal journal) {
    this.journal = journal;
  }

  /**
   * Writes that a grant needs a new consent, and logs {@code reauthorization_required} if the write took place.
   *
   * @param grant the grant as it is to be written, in its old state
   * @param cause why it cannot be renewed; null if its issuer refused, and there is no more to say
   * @param write writes the grant in its new state; false if the row has changed since, and nothing is written
   * @return whether the write took place
   */
  boolean require(Grant grant, @Nullable Cause cause, Predicate<Grant> write) {
    boolean written = write.test(grant.inState(grant.state().needingReauthorization(cause)));
    if (written) {
      journal.write("reauthorization_required", Map.of("connection", grant.key().connection(), "detail",
          cause == null ? "" : cause.name().toLowerCase(Locale.ROOT)));
    }
    return written;
  }
}
