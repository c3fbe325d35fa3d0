package social.avatarai.mcp.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/**
 * The parameters of a request, from its query and from a form or JSON body. A parameter that occurs twice makes its
 * reader fail, so that two readers cannot see two values. So does one whose percent-encoding is broken.
 */
final class Parameters {
  private static final int MAX_PARAMETERS = 50;

  private final Map<String, String> values = new LinkedHashMap<>();
  private final Set<String> repeated = new LinkedHashSet<>();
  private final Set<String> broken = new HashSet<>();

  /**
   * Adds the parameters of a raw query or form. API Gateway's own parsing would hide a repeated parameter: it joins the
   * values with commas.
   */
  Parameters addEncoded(String encoded) {
    for (String pair : encoded.split("&", -1)) {
      if (pair.isEmpty()) continue;
      int equals = pair.indexOf('=');
      addPair(equals < 0 ? pair : pair.substring(0, equals), equals < 0 ? "" : pair.substring(equals + 1));
    }
    return this;
  }

  private void addPair(String encodedName, String encodedValue) {
    var name = decoded(encodedName);
    var value = decoded(encodedValue);
    name.ifPresent(readable -> add(readable, value.orElse("")));
    if (name.isEmpty() || value.isEmpty()) broken.add(name.orElse(encodedName));
  }

  /** Adds those members of a JSON body that have one of these names and are texts. */
  Parameters addTexts(ObjectNode body, Set<String> names) {
    for (String name : names) {
      JsonNode member = body.path(name);
      if (member.isMissingNode() || member.isNull()) continue;
      if (!member.isValueNode()) throw malformed("Parameter " + name + " must be a text.");
      add(name, member.asText());
    }
    return this;
  }

  /** Refuses a request in which any parameter occurs twice or is broken, whether it is read or not. */
  Parameters requireAllSound() {
    if (!broken.isEmpty()) throw brokenEncoding();
    if (!repeated.isEmpty()) throw twice(repeated.iterator().next());
    return this;
  }

  Optional<String> find(String name) {
    if (broken.contains(name)) throw brokenEncoding();
    if (repeated.contains(name)) throw twice(name);
    return Optional.ofNullable(values.get(name));
  }

  private void add(String name, String value) {
    if (values.size() >= MAX_PARAMETERS)
      throw malformed("The request has more than " + MAX_PARAMETERS + " parameters.");
    if (values.putIfAbsent(name, value) != null) repeated.add(name);
  }

  private static Failure twice(String name) {
    return malformed(name.matches("[a-z_]{1,40}")
        ? "Parameter " + name + " is there more than once."
        : "A parameter is there more than once.");
  }

  private static Optional<String> decoded(String text) {
    try {
      return Optional.of(URLDecoder.decode(text, UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Failure brokenEncoding() {
    return malformed("The request has a broken percent-encoding.");
  }

  private static Failure malformed(String message) {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST, message);
  }
}
