package social.avatarai.mcp.local;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.lang.reflect.InvocationTargetException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.local.Template.Route;

/** The template's routes, with one handler for each class. */
final class Routes {
  private final Map<Route, RequestStreamHandler> handlers = new LinkedHashMap<>();

  Routes(List<Route> routes) throws ReflectiveOperationException {
    var made = new LinkedHashMap<String, RequestStreamHandler>();
    for (var route : routes) {
      String name = route.handlerClass();
      if (!made.containsKey(name)) made.put(name, make(name));
      handlers.put(route, made.get(name));
    }
  }

  /** A route that fits a request, and the variables of its path. */
  record Match(Route route, RequestStreamHandler handler, Map<String, String> variables) {}

  /** The route of a request. Like API Gateway, it prefers a route without variables. */
  Optional<Match> find(String method, String path) {
    return handlers.entrySet().stream().filter(entry -> entry.getKey().method().equals(method))
        .flatMap(entry -> variables(entry.getKey().path(), path)
            .map(variables -> new Match(entry.getKey(), entry.getValue(), variables)).stream())
        .min((a, b) -> Integer.compare(a.variables().size(), b.variables().size()));
  }

  static RequestStreamHandler make(String className) throws ReflectiveOperationException {
    var constructor = Class.forName(className).asSubclass(RequestStreamHandler.class).getConstructor();
    try {
      return constructor.newInstance();
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) throw cause; // The message is our own, for example about a wrong setting.
      throw e;
    }
  }

  private static Optional<Map<String, String>> variables(String template, String path) {
    String[] wanted = template.split("/", -1);
    String[] given = path.split("/", -1);
    if (wanted.length != given.length) return Optional.empty();
    var variables = new LinkedHashMap<String, String>();
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i].startsWith("{") && !given[i].isEmpty()) {
        variables.put(wanted[i].substring(1, wanted[i].length() - 1), given[i]);
      } else if (!wanted[i].equals(given[i])) {
        return Optional.empty();
      }
    }
    return Optional.of(variables);
  }
}
