package social.avatarai.mcp;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An error on which no caller branches. Each subclass says whose fault the error is.
 *
 * <p>The message is our own text without foreign text, so it is safe to show. The detail is only for our log, which
 * quotes it.
 */
public abstract sealed class Failure extends RuntimeException {
  private final ErrorCode code;
  private final String detail;
  private @Nullable Integer upstreamStatus;
  private @Nullable Instant retryAt;

  private Failure(ErrorCode code, String message, String detail) {
    super(message);
    this.code = code;
    this.detail = detail;
  }

  /** A fault as a failure: the fault itself where it is one, else an internal error. */
  public static Failure of(RuntimeException fault) {
    return fault instanceof Failure failure ? failure : Internal.of(fault);
  }

  public final ErrorCode code() {
    return code;
  }

  /** Our own text, safe to show. */
  public final String safeMessage() {
    return String.valueOf(getMessage());
  }

  /** Foreign or internal text. It is logged quoted and cut, and never shown. It never holds a secret. */
  public final String detail() {
    return detail;
  }

  /** The HTTP status of the server's response; empty if there was no response. */
  public final Optional<Integer> upstreamStatus() {
    return Optional.ofNullable(upstreamStatus);
  }

  /** The time from which a retry makes sense; empty if unknown. */
  public final Optional<Instant> retryAt() {
    return Optional.ofNullable(retryAt);
  }

  /** Adds the HTTP status of the server's response; null adds nothing. Returns this failure. */
  public final Failure withUpstreamStatus(@Nullable Integer status) {
    if (status != null) upstreamStatus = status;
    return this;
  }

  /** Adds the time from which a retry makes sense; null adds nothing. Returns this failure. */
  public final Failure withRetryAt(@Nullable Instant moment) {
    if (moment != null) retryAt = moment;
    return this;
  }

  /** Our caller sent an invalid request. */
  public static final class BadRequest extends Failure {
    public BadRequest(ErrorCode code, String message) {
      super(code, message, "");
    }
  }

  /** Our caller is not allowed to do this. */
  public static final class NotPermitted extends Failure {
    public NotPermitted(ErrorCode code, String message) {
      super(code, message, "");
    }
  }

  /** The requested thing is unknown or expired. */
  public static final class Unknown extends Failure {
    public Unknown(ErrorCode code, String message) {
      super(code, message, "");
    }
  }

  /** A server understood the request and refused it. */
  public static final class Refused extends Failure {
    public Refused(ErrorCode code, String message, String detail) {
      super(code, message, detail);
    }
  }

  /** A server broke a rule of the protocol. */
  public static final class ProtocolBroken extends Failure {
    public ProtocolBroken(ErrorCode code, String message, String detail) {
      super(code, message, detail);
    }
  }

  /** A server did not respond, or responded that it is unavailable. */
  public static final class Unreachable extends Failure {
    private final boolean mayHaveArrived;
    private final boolean forbiddenAddress;

    public Unreachable(ErrorCode code, String message, String detail, boolean mayHaveArrived) {
      this(code, message, detail, mayHaveArrived, false);
    }

    private Unreachable(ErrorCode code, String message, String detail, boolean mayHaveArrived,
        boolean forbiddenAddress) {
      super(code, message, detail);
      this.mayHaveArrived = mayHaveArrived;
      this.forbiddenAddress = forbiddenAddress;
    }

    /**
     * The same failure, because the host's name has an address to which we do not connect. A caller sees no difference.
     *
     * @param why the detail for our log
     */
    public Unreachable atForbiddenAddress(String why) {
      return new Unreachable(code(), safeMessage(), why, mayHaveArrived, true);
    }

    /** Whether the name of the host exists, but has an address to which we do not connect. Never shown to a caller. */
    public boolean isAtForbiddenAddress() {
      return forbiddenAddress;
    }

    /** Whether the server may have carried out the request. If so, the request must not simply be sent again. */
    public boolean mayHaveArrived() {
      return mayHaveArrived;
    }
  }

  /** The caller's user has too many calls that wait for servers ({@code too_many_requests}). */
  public static final class Crowded extends Failure {
    private final boolean mayHaveArrived;

    public Crowded(String message, boolean mayHaveArrived) {
      super(ErrorCode.TOO_MANY_REQUESTS, message, "");
      this.mayHaveArrived = mayHaveArrived;
    }

    /** Whether a server may have carried out the request that was refused or cut off. */
    public boolean mayHaveArrived() {
      return mayHaveArrived;
    }
  }

  /** The deployment is not configured for this. */
  public static final class Misconfigured extends Failure {
    public Misconfigured(String message, String detail) {
      super(ErrorCode.MISCONFIGURED, message, detail);
    }
  }

  /** The error is our own fault. */
  public static final class Internal extends Failure {
    public Internal(String detail) {
      super(ErrorCode.INTERNAL_ERROR, "Something went wrong here.", detail);
    }

    /** Names only the type of an unexpected fault and where it was thrown: its message may hold anything, secrets too. */
    public static Internal of(RuntimeException fault) {
      var at = fault.getStackTrace().length == 0 ? "" : " at " + fault.getStackTrace()[0];
      return new Internal(fault.getClass().getName() + at);
    }
  }
}
