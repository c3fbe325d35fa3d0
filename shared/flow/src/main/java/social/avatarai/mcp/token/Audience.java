package social.avatarai.mcp.token;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.http.Json;

/**
 * The audience of an access token that is a JWT (RFC 7519 §4.1.3, RFC 9068 §2.2). It must be the resource, as RFC 8707 §2
 * demands, or a parent of the server's URL: many issuers name a whole origin. An audience beside the server, or below it,
 * is another server, even if the resource covers both. The signature is not checked: the check is against an honest
 * issuer's token for another resource, not against a forged token.
 */
final class Audience {
  private Audience() {}

  /**
   * Whether the token may be sent to the resource: it is not a JWT, names no audience, or names this resource or a parent
   * of the server's URL.
   */
  static boolean fits(AccessToken token, GrantTarget target) {
    var audiences = claims(token).map(Audience::audiences).orElse(List.of());
    return audiences.isEmpty() || audiences.stream().anyMatch(audience -> fits(audience, target));
  }

  private static boolean fits(String audience, GrantTarget target) {
    if (audience.equals(target.resource().value())) return true;
    try {
      var named = new ResourceUri(audience);
      return named.url().isSame(target.resource().url()) || named.covers(target.serverUrl());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Optional<ObjectNode> claims(AccessToken token) {
    String[] parts = token.reveal().split("\\.", -1);
    if (parts.length != 3) return Optional.empty();
    try {
      return Json.object(Base64.getUrlDecoder().decode(parts[1]));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static List<String> audiences(ObjectNode claims) {
    JsonNode aud = claims.path("aud");
    if (aud.isTextual()) return List.of(aud.textValue());
    var all = new ArrayList<String>();
    for (JsonNode entry : aud)
      all.add(entry.asText());
    return all;
  }
}
