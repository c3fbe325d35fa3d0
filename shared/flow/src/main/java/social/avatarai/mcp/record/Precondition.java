package social.avatarai.mcp.record;

import java.util.Optional;
import java.util.Set;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/** What must be stored where a server record is written or deleted (RFC 9110 §13.1). */
public sealed interface Precondition {

  /** Nothing, or any record. */
  record None() implements Precondition {}

  /** No record. */
  record Absent() implements Precondition {}

  /** Any record. */
  record Present() implements Precondition {}

  /** A record with one of these revisions. */
  record AnyOf(Set<Revision> revisions) implements Precondition {
    public AnyOf {
      revisions = Set.copyOf(revisions);
    }
  }

  static Precondition none() {
    return new None();
  }

  static Precondition absent() {
    return new Absent();
  }

  static Precondition is(Revision revision) {
    return new AnyOf(Set.of(revision));
  }

  /** Refuses a call whose precondition does not hold: {@code changed_meanwhile}. */
  default void require(Optional<Revision> stored) {
    boolean holds = switch (this) {
      case None() -> true;
      case Absent() -> stored.isEmpty();
      case Present() -> stored.isPresent();
      case AnyOf(var revisions) -> stored.filter(revisions::contains).isPresent();
    };
    if (!holds) throw failure();
  }

  /** The failure of a call whose precondition does not hold. */
  default Failure failure() {
    return new Failure.BadRequest(ErrorCode.CHANGED_MEANWHILE, this instanceof Absent
        ? "There is a server record with this mcpId already. Nothing was changed: read the record before you replace it."
        : "The server record was changed or deleted since it was read. Nothing was changed now: read the record again, "
            + "and repeat the change with its new ETag.");
  }
}
