package social.avatarai.mcp.token;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What came of asking a token endpoint. */
public sealed interface TokenResponse {

  /** Whether nobody there spoke as a token endpoint does, so that the issuer may have moved it. */
  default boolean mayMeanThatTheEndpointMoved() {
    return switch (this) {
      case Refused refused -> refused.error().isEmpty();
      case TryAgain later -> later.status() == null;
      case Granted _,Misdirected _,Unknown _ -> false;
    };
  }

  /** Tokens. */
  record Granted(Tokens tokens) implements TokenResponse {}

  /** Tokens that are not for the resource: the access token must not be sent there. */
  record Misdirected(Tokens tokens) implements TokenResponse {}

  /**
   * A definite no.
   *
   * @param error the server's error word, attacker-controlled; "" when it gave none
   * @param status the HTTP status
   */
  record Refused(String error, int status) implements TokenResponse {
    // The words that servers in the field use for a dead code or refresh token, whatever the status.
    private static final Set<String> DEAD_GRANT = Set.of("invalid_grant", "bad_refresh_token", "invalid_refresh_token",
        "refresh_token_not_found", "token_inactive", "bad_verification_code");

    static boolean isDeadGrant(String error) {
      return DEAD_GRANT.contains(error);
    }

    public boolean isDeadGrant() { return isDeadGrant(error); }

    /** For the log: the word where it looks like one, for a server may send back as its error what it was sent. */
    public String described() {
      return status + " " + (error.matches("[a-z_]{0,40}") ? error : "(no error word)");
    }

    public boolean isUnknownClient() { return error.equals("invalid_client"); }
  }

  /**
   * A definite "not now": the request was not carried out.
   *
   * @param after how long the server wants to be left alone
   * @param status the HTTP status; null when no server was reached
   */
  record TryAgain(Duration after, @Nullable Integer status) implements TokenResponse {}

  /**
   * Nobody knows whether the request was carried out.
   *
   * @param detail for the log
   * @param status the HTTP status; null when no response was seen
   */
  record Unknown(String detail, @Nullable Integer status) implements TokenResponse {}
}
