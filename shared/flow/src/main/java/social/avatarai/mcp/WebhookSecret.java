package social.avatarai.mcp;

import java.util.Base64;

/**
 * A secret that signs webhooks (Standard Webhooks 1.0, "Signature scheme"): a key of 24 to 64 bytes in Base64, with or
 * without {@code whsec_} before it.
 */
public final class WebhookSecret extends Secret {
  public static final String PREFIX = "whsec_";

  public WebhookSecret(String value) {
    super(value);
  }

  /** The key itself; an {@link IllegalArgumentException} for a text that is no Base64 or has another length. */
  public byte[] key() {
    String text = reveal();
    byte[] key = decoded(text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text);
    if (key.length < 24 || key.length > 64) throw new IllegalArgumentException("a webhook key has 24 to 64 bytes");
    return key;
  }

  private static byte[] decoded(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      // The decoder's message names characters of the secret.
      throw new IllegalArgumentException("a webhook secret is not Base64");
    }
  }
}
