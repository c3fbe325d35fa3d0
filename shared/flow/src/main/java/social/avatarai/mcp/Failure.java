package social.avatarai.mcp;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that goes wrong and that no caller branches on, by whose fault it is.
 *
 * <p>The message is safe to show: it is ours, and holds no foreign text. The detail is for our log only, quoted there.
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

  public final ErrorCode code() {
    return code;
  }

  /** Ours, and safe to show. */
  public final String safeMessage() {
    return String.valueOf(getMessage());
  }

  /** Foreign or internal text: to be logged quoted and cut, never shown. Never a secret. */
  public final String detail() {
    return detail;
  }

  /** The HTTP status with which a server answered; empty when no response was seen. */
  public final Optional<Integer> upstreamStatus() {
    return Optional.ofNullable(upstreamStatus);
  }

  /** When another try makes sense; empty when nobody knows. */
  public final Optional<Instant> retryAt() {
    return Optional.ofNullable(retryAt);
  }

  /** Adds the HTTP status that was seen; null adds nothing. Returns this failure. */
  public final Failure withUpstreamStatus(@Nullable Integer status) {
    if (status != null) upstreamStatus = status;
    return this;
  }

  /** Adds when another try makes sense; null adds nothing. Returns this failure. */
  public final Failure withRetryAt(@Nullable Instant moment) {
    if (moment != null) retryAt = moment;
    return this;
  }

  /** Our caller asked for what cannot be. */
  public static final class BadRequest extends Failure {
    public BadRequest(ErrorCode code, String message) {
      super(code, message, "");
    }
  }

  /** Our caller asked for what is not theirs. */
  public static final class NotPermitted extends Failure {
    public NotPermitted(ErrorCode code, String message) {
      super(code, message, "");
    }
  }

  /** What was asked for is unknown or over. */
  public static final class Unknown extends Failure {
    public Unknown(ErrorCode code, String message) {
      super(code, message, "");
    }
  }

  /** A server understood and said no. */
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

  /** A server did not answer, or only that it cannot. */
  public static final class Unreachable extends Failure {
    private final boolean mayHaveArrived;

    public Unreachable(ErrorCode code, String message, String detail, boolean mayHaveArrived) {
      super(code, message, detail);
      this.mayHaveArrived = mayHaveArrived;
    }

    /** Whether the request may have been carried out all the same: then it must not simply be sent again. */
    public boolean mayHaveArrived() {
      return mayHaveArrived;
    }
  }

  /** The deployment is not set up for this. */
  public static final class Misconfigured extends Failure {
    public Misconfigured(String message, String detail) {
      super(ErrorCode.MISCONFIGURED, message, detail);
    }
  }

  /** Our own fault. */
  public static final class Internal extends Failure {
    public Internal(String detail) {
      super(ErrorCode.INTERNAL_ERROR, "Something went wrong here.", detail);
    }
  }
}
