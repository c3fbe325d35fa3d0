package social.avatarai.mcp.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/**
 * The parameters of a request: of the query, and of a form or JSON body. Each is there once, or the request is refused:
 * two readers must not see two values.
 */
final class Parameters {
  private static final int MOST = 50;

  private final Map<String, String> values = new LinkedHashMap<>();

  /** The query, from its raw form: API Gateway joins repeated parameters with commas and hides them so. */
  Parameters addEncoded(String encoded) {
    for (String pair : encoded.split("&", -1)) {
      if (pair.isEmpty()) continue;
      int equals = pair.indexOf('=');
      add(decode(equals < 0 ? pair : pair.substring(0, equals)), equals < 0 ? "" : decode(pair.substring(equals + 1)));
    }
    return this;
  }

  /** The named texts among a JSON body's members. */
  Parameters addTexts(ObjectNode body, Set<String> names) {
    for (String name : names) {
      JsonNode member = body.path(name);
      if (member.isMissingNode() || member.isNull()) continue;
      if (!member.isValueNode()) throw malformed("Parameter " + name + " must be a text.");
      add(name, member.asText());
    }
    return this;
  }

  Optional<String> find(String name) {
    return Optional.ofNullable(values.get(name));
  }

  private void add(String name, String value) {
    if (values.size() >= MOST) throw malformed("Too many parameters.");
    if (values.putIfAbsent(name, value) == null) return;
    throw malformed(name.matches("[a-z_]{1,40}")
        ? "Parameter " + name + " is there more than once."
        : "A parameter is there more than once.");
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, UTF_8);
    } catch (IllegalArgumentException e) {
      throw malformed("The request has a broken percent-encoding.");
    }
  }

  private static Failure malformed(String message) {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST, message);
  }
}
