package social.avatarai.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * A text that must not appear anywhere by accident. It does not print, has no property for a JSON mapper, and compares
 * in constant time. {@link #reveal()} is the only way to read the text, so its uses can be found by a search.
 * {@link InvocationSecrets} takes it out of what a server sends back.
 */
public abstract sealed class Secret permits AccessToken, AuthorizationCode, BrowserKey, ClientSecret, CodeVerifier,
    CompletionCode, EnteredSecret, McpSessionId, RefreshToken, RegistrationAccessToken, WebhookSecret {
  private final String value;

  Secret(String value) {
    if (value.isEmpty()) throw new IllegalArgumentException(getClass().getSimpleName() + " is empty");
    this.value = value;
    note();
  }

  /** The text itself, for the code that sends or seals it. */
  public final String reveal() {
    note();
    return value;
  }

  /** A secret of a whole process, such as a client secret, is made in one invocation and revealed in others. */
  private void note() {
    boolean mayBeAnswered = this instanceof McpSessionId
        || (this instanceof EnteredSecret && EnteredSecret.isAddress(value));
    InvocationSecrets.note(value, !mayBeAnswered);
  }

  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof Secret secret && secret.getClass() == getClass()
        && MessageDigest.isEqual(value.getBytes(UTF_8), secret.value.getBytes(UTF_8));
  }

  /** All secrets of one class have the same hash code. A hash of the text would reveal which secrets are equal. */
  @Override
  public final int hashCode() {
    return getClass().hashCode();
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName() + "[redacted]";
  }
}
