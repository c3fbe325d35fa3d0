package social.avatarai.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * A text that nobody may see by accident: it does not print, offers a JSON mapper nothing to find, and compares in
 * constant time. {@link #reveal()} is the one way out, and can be searched for.
 */
public abstract sealed class Secret permits AccessToken, AuthorizationCode, BrowserKey, ClientSecret, CodeVerifier,
    CompletionCode, McpSessionId, RefreshToken, RegistrationAccessToken {
  private final String value;

  Secret(String value) {
    if (value.isEmpty()) throw new IllegalArgumentException(getClass().getSimpleName() + " is empty");
    this.value = value;
  }

  /** The text itself, for the one place that sends or seals it. */
  public final String reveal() {
    return value;
  }

  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof Secret secret && secret.getClass() == getClass()
        && MessageDigest.isEqual(value.getBytes(UTF_8), secret.value.getBytes(UTF_8));
  }

  /** The same for all of a kind: a hash of the text would be a way to recognise it. */
  @Override
  public final int hashCode() {
    return getClass().hashCode();
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName() + "[redacted]";
  }
}
