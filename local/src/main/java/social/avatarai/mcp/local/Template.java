package social.avatarai.mcp.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the local front needs from {@code template.yaml}: the routes with their handlers, and the settings of the
 * functions. CloudFormation's tags are ignored: a {@code !Ref} reads as the name that it refers to.
 */
final class Template {
  private final JsonNode document;

  private Template(JsonNode document) {
    this.document = document;
  }

  static Template read(Path file) throws IOException {
    return new Template(new ObjectMapper(new YAMLFactory()).readTree(file.toFile()));
  }

  /**
   * A route and the class that handles it.
   *
   * @param isPublic whether the route is served without a JWT: it has no security requirement in the API's definition
   */
  record Route(String method, String path, String handlerClass, boolean isPublic) {
    String key() {
      return method + " " + path;
    }
  }

  List<Route> routes() {
    var routes = new ArrayList<Route>();
    document.path("Resources").forEach(resource -> resource.path("Properties").path("Events").forEach(event -> {
      if (!event.path("Type").asText().equals("HttpApi")) return;
      JsonNode api = event.path("Properties");
      String method = api.path("Method").asText();
      String path = api.path("Path").asText();
      routes.add(new Route(method, path, resource.path("Properties").path("Handler").asText(),
          !isSecured(method, path)));
    }));
    return List.copyOf(routes);
  }

  private boolean isSecured(String method, String path) {
    for (var resource : document.path("Resources")) {
      JsonNode paths = resource.path("Properties").path("DefinitionBody").path("paths");
      if (!paths.path(path).path(method.toLowerCase(Locale.ROOT)).path("security").isEmpty()) return true;
    }
    return false;
  }

  /** A function: its folder, the class of its handler, and the archive that is deployed. */
  record Function(String folder, String handlerClass, Path archive) {}

  List<Function> functions() {
    var functions = new ArrayList<Function>();
    document.path("Resources").forEach(resource -> {
      if (!resource.path("Type").asText().equals("AWS::Serverless::Function")) return;
      JsonNode function = resource.path("Properties");
      var archive = Path.of(function.path("CodeUri").asText());
      functions.add(new Function(archive.getName(1).toString(), function.path("Handler").asText(), archive));
    });
    return List.copyOf(functions);
  }

  /** The settings of all functions. A setting that is a parameter has the parameter's default. */
  Map<String, String> settings() {
    var settings = new LinkedHashMap<String, String>();
    JsonNode parameters = document.path("Parameters");
    document.path("Globals").path("Function").path("Environment").path("Variables").properties()
        .forEach(variable -> settings.put(variable.getKey(),
            parameters.path(variable.getValue().asText()).path("Default").asText("")));
    return settings;
  }
}
