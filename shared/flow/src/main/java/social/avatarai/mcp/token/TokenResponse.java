package social.avatarai.mcp.token;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The judged response of a token endpoint. */
public sealed interface TokenResponse {

  /** Whether the response is not one of a token endpoint, so that the issuer may have moved its endpoint. */
  default boolean mayMeanThatTheEndpointMoved() {
    return switch (this) {
      case Refused refused -> refused.error().isEmpty();
      case TryAgain later -> later.status() == null;
      case Granted _,Misdirected _,Unknown _ -> false;
    };
  }

  /** Tokens. */
  record Granted(Tokens tokens) implements TokenResponse {}

  /** Tokens for another resource. The access token must not be sent to the resource. */
  record Misdirected(Tokens tokens) implements TokenResponse {}

  /**
   * A definite refusal.
   *
   * @param error the server's error word, attacker-controlled; "" if there is none
   * @param status the HTTP status
   * @param profiledAsDead whether the provider's profile names this word for a dead refresh token
   */
  record Refused(String error, int status, boolean profiledAsDead) implements TokenResponse {
    // The words that real servers use for a dead code or refresh token, with any status.
    private static final Set<String> DEAD_GRANT = Set.of("invalid_grant", "bad_refresh_token", "invalid_refresh_token",
        "refresh_token_not_found", "token_inactive", "bad_verification_code");

    Refused(String error, int status) {
      this(error, status, false);
    }

    static boolean isDeadGrant(String error) {
      return DEAD_GRANT.contains(error);
    }

    public boolean isDeadGrant() { return profiledAsDead || isDeadGrant(error); }

    /** For the log. The error is included only if it looks like a word: a server may echo a secret as its error. */
    public String described() {
      return status + " " + (error.matches("[a-z_]{0,40}") ? error : "(no error word)");
    }

    /**
     * Whether the server names a fault of the request or the token, with a status of RFC 6749 §5.2. Without a word, or
     * with another status, something in front of the server may have refused the request.
     */
    boolean isInAWordOfTheServer() { return !error.isEmpty() && (status < 300 || status == 400 || status == 401); }

    /** GitHub has a word of its own for a wrong secret. */
    boolean isAboutTheClient() {
      return isUnknownClient() || error.equals("unauthorized_client") || error.equals("incorrect_client_credentials");
    }

    public boolean isInvalidScope() { return error.equals("invalid_scope"); }

    public boolean isUnknownClient() { return error.equals("invalid_client"); }
  }

  /**
   * The request was definitely not carried out, and can be repeated.
   *
   * @param after how long the server asks us to wait
   * @param status the HTTP status; null if no server was reached
   */
  record TryAgain(Duration after, @Nullable Integer status) implements TokenResponse {}

  /**
   * It is unknown whether the request was carried out.
   *
   * @param detail for the log
   * @param status the HTTP status; null if there was no response
   * @param fault what is wrong with the response, as a sentence of ours; "" if there is none to read
   */
  record Unknown(String detail, @Nullable Integer status, String fault) implements TokenResponse {
    Unknown(String detail, @Nullable Integer status) {
      this(detail, status, "");
    }

    /** A text for the user, with the fault behind it. */
    public String explaining(String text) {
      return fault.isEmpty() ? text : text + " " + fault;
    }
  }
}
