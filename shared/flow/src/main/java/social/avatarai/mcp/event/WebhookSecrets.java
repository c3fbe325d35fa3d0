package social.avatarai.mcp.event;

import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.WebhookSecret;
import social.avatarai.mcp.vault.CachedSecret;
import social.avatarai.mcp.vault.SecretVault;

/**
 * The secrets with which webhooks are signed: one, or two while they are rotated, separated by a blank. A running
 * process learns of a new value within {@link CachedSecret#REREAD_AFTER}.
 */
public final class WebhookSecrets {
  private final CachedSecret<List<WebhookSecret>> secrets;

  /**
   * @param vault the vault that contains the secrets
   * @param name the name of the secret in the vault
   */
  public WebhookSecrets(SecretVault vault, String name, Clock clock, Journal journal) {
    this.secrets = new CachedSecret<>(name, () -> read(vault, name), clock, journal);
  }

  List<WebhookSecret> current() {
    return secrets.current();
  }

  private static List<WebhookSecret> read(SecretVault vault, String name) {
    return vault.read(name).map(WebhookSecrets::parse)
        .orElseThrow(() -> new Failure.Misconfigured("There is no webhook secret.", "no secret " + name));
  }

  private static List<WebhookSecret> parse(String value) {
    try {
      return Arrays.stream(value.strip().split("\\s+", -1)).map(WebhookSecrets::checked).toList();
    } catch (IllegalArgumentException e) {
      // The message is our own and repeats no part of the value.
      throw new Failure.Misconfigured("The webhook secret is not readable.", String.valueOf(e.getMessage()));
    }
  }

  /** Fails now, and not at the first message, if the secret has no key. */
  private static WebhookSecret checked(String text) {
    var secret = new WebhookSecret(text);
    secret.key();
    return secret;
  }
}
