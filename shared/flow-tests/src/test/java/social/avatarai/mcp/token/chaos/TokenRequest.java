package social.avatarai.mcp.token.chaos;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A token request on its way to the issuer, and its response on the way back. */
final class TokenRequest {
  private final String token;
  private final Instant arrivesAt;
  private final Instant awaitedUntil;
  private boolean carriedOut;
  private boolean abandoned;
  private boolean delivered;
  private @Nullable String renewed;

  /**
   * A request that has left its process.
   *
   * @param arrivesAt when the issuer begins to work on it; {@link Instant#MAX} for never
   * @param awaitedUntil when its client certainly waits no longer
   */
  TokenRequest(String token, Instant arrivesAt, Instant awaitedUntil) {
    this.token = token;
    this.arrivesAt = arrivesAt;
    this.awaitedUntil = awaitedUntil;
  }

  String token() { return token; }

  Instant arrivesAt() { return arrivesAt; }

  boolean isWaiting() { return !carriedOut; }

  void carryOut(ModelIssuer issuer) {
    carriedOut = true;
    renewed = issuer.redeem(token, arrivesAt);
  }

  /** The new refresh token; null if the issuer has refused the old one. */
  @Nullable
  String renewed() {
    return renewed;
  }

  /** Its client no longer waits, or lives no longer. */
  void abandon() {
    abandoned = true;
  }

  void deliver() {
    delivered = true;
  }

  /** Whether neither the issuer nor the client has anything to do with it any more. */
  boolean isOver(Instant now) {
    boolean noResponseExpected = abandoned || delivered || !now.isBefore(awaitedUntil);
    return noResponseExpected && (carriedOut || arrivesAt.equals(Instant.MAX));
  }
}
