package social.avatarai.mcp.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import social.avatarai.mcp.WebhookSecret;

/** Signs webhooks (Standard Webhooks 1.0, "Signature scheme"): HMAC-SHA256 over id, timestamp and body. */
final class WebhookSignature {
  private static final String HMAC = "HmacSHA256";

  private WebhookSignature() {}

  /** The value of {@code webhook-signature}: one signature for each secret, separated by blanks. */
  static String of(String id, long epochSecond, byte[] body, List<WebhookSecret> secrets) {
    var signed = new ByteArrayOutputStream();
    signed.writeBytes((id + "." + epochSecond + ".").getBytes(UTF_8));
    signed.writeBytes(body);
    return secrets.stream().map(secret -> "v1," + hmac(secret, signed.toByteArray())).collect(Collectors.joining(" "));
  }

  private static String hmac(WebhookSecret secret, byte[] signed) {
    try {
      var mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(secret.key(), HMAC));
      return Base64.getEncoder().encodeToString(mac.doFinal(signed));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HMAC-SHA256", e);
    }
  }
}
