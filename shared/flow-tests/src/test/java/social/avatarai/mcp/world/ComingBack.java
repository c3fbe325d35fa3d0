package social.avatarai.mcp.world;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLDecoder;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import social.avatarai.mcp.AuthorizationCode;
import social.avatarai.mcp.State;
import social.avatarai.mcp.authorization.AuthorizationResponse;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.authorization.Callback.Arrival;

/** The browser that began a flow returns from the authorization server. */
public final class ComingBack {
  private ComingBack() {}

  public static Arrival with(AuthorizationStarted begun, URI redirect) {
    var query = query(redirect);
    return new Arrival(new AuthorizationResponse(new AuthorizationCode(value(query, "code")), null, query.get("iss"),
        Browsers.door(redirect)), new State(value(query, "state")), begun.browser(), false);
  }

  private static Map<String, String> query(URI redirect) {
    var query = new TreeMap<String, String>();
    for (String pair : redirect.getRawQuery().split("&", -1)) {
      int equals = pair.indexOf('=');
      query.put(pair.substring(0, equals), URLDecoder.decode(pair.substring(equals + 1), UTF_8));
    }
    return query;
  }

  private static String value(Map<String, String> query, String name) {
    return Objects.requireNonNull(query.get(name), name);
  }
}
