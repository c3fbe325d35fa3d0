package social.avatarai.mcp.token.chaos;

import java.util.EnumMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Decides by chance which faults happen, and counts them. After {@link #end} there are none. */
final class Faults {
  private static final int IN_THOUSAND = 1_000;

  private final RandomGenerator random;
  private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
  private boolean over;

  /** The faults, with their number in a thousand chances. */
  enum Kind {
    /** The process dies: before or after a call of the store, before or after the request. */
    KILLED(4),
    /** A call of the store fails and has changed nothing. */
    STORE_REFUSED(10),
    /** A call of the store has been applied, and its response gets lost. */
    STORE_RESPONSE_LOST(10),
    /** The issuer cannot be reached. */
    UNREACHABLE(40),
    /** The issuer answers with 429, and has changed nothing. */
    TOO_MANY(60),
    /** The issuer answers with 503, and has changed nothing. */
    UNAVAILABLE(60),
    /** Something in front of the issuer refuses the request with a bare 403. */
    FORBIDDEN(30),
    /** The issuer refuses the request with a word that does not speak of a dead token. */
    INVALID_REQUEST(30),
    /** A response of the store has no time. */
    NO_TIME(20),
    /** A response of the store has a wrong time. */
    WRONG_TIME(20),
    /** The issuer never answers, and has changed nothing. */
    HANGS(50),
    /** The issuer works on the request when its client has given up. */
    LATE(50),
    /** The connection breaks after the issuer has worked on the request. */
    RESPONSE_LOST(50),
    /** The issuer has worked on the request, and a gateway answers with 502. */
    BAD_GATEWAY(30),
    /** The response to a successful request cannot be read. */
    UNREADABLE(30);

    private final int inThousand;

    Kind(int inThousand) {
      this.inThousand = inThousand;
    }
  }

  Faults(RandomGenerator random) {
    this.random = random;
  }

  boolean happens(Kind kind) {
    if (over || random.nextInt(IN_THOUSAND) >= kind.inThousand) return false;
    counts.merge(kind, 1, Integer::sum);
    return true;
  }

  /** Counts a fault that happened in another way. */
  void note(Kind kind) {
    counts.merge(kind, 1, Integer::sum);
  }

  void end() {
    over = true;
  }

  Map<Kind, Integer> counts() {
    return counts;
  }
}
