package social.avatarai.mcp.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.SalvagedJson;

/**
 * The members of a token endpoint's response, whatever they are wrapped in. A token in it exists nowhere else: a refresh
 * token that is lost here is lost with its grant, because an issuer takes the old one for a stolen one.
 *
 * @param members the members; none if they are not readable
 * @param unreadable why the members are not known; "" if they can be read, or there is nothing to read
 * @param faults what was wrong around the members, as words of ours; "" for a plain response
 */
record TokenBody(ObjectNode members, String unreadable, String faults) {
  private static final Set<String> FORM_TYPES = Set.of("application/x-www-form-urlencoded", "text/plain");
  /** Some servers send a form as {@code text/html}. A page has a space or a tag somewhere. */
  private static final Pattern FORM = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]*+=[^\\s<>{}\"]*+");

  static TokenBody of(HttpResponse response) {
    var json = response.salvaged();
    return switch (json) {
      case SalvagedJson.Value(ObjectNode members, _) -> new TokenBody(members, "", json.faultsInWords());
      case SalvagedJson.Ambiguous _ -> unreadable("two values for one name");
      case SalvagedJson.TooDeep _ -> unreadable("JSON nested deeper than " + Json.MAX_DEPTH + " levels");
      case SalvagedJson.Value _,SalvagedJson.NoJson _ -> isForm(response) ? form(response) : none();
    };
  }

  /** Some servers send a form even if JSON is requested. */
  private static boolean isForm(HttpResponse response) {
    String text = response.text().strip();
    return (FORM_TYPES.contains(response.head().mediaType()) && text.indexOf('{') < 0) || FORM.matcher(text).matches();
  }

  private static TokenBody form(HttpResponse response) {
    var members = Json.newObject();
    for (String pair : response.text().strip().split("&", -1)) {
      int equals = pair.indexOf('=');
      String value = equals > 0 ? decoded(pair.substring(equals + 1)) : null;
      if (value == null) continue;
      String name = pair.substring(0, equals);
      if (members.has(name) && !members.get(name).asText().equals(value)) return unreadable("two values for one name");
      members.put(name, value);
    }
    return new TokenBody(members, "", "form");
  }

  private static @Nullable String decoded(String value) {
    try {
      return URLDecoder.decode(value, UTF_8);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static TokenBody none() {
    return new TokenBody(Json.newObject(), "", "");
  }

  private static TokenBody unreadable(String why) {
    return new TokenBody(Json.newObject(), why, "");
  }
}
