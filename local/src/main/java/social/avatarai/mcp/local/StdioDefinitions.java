package social.avatarai.mcp.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import social.avatarai.mcp.StdioName;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.SecretName;

/**
 * The file that {@code STDIO_SERVERS} names: <pre>
 * {"servers": {"everything": {
 *   "command": ["/usr/bin/node", "/srv/mcp/everything/index.js", "stdio"],
 *   "environment": ["EXAMPLE_API_KEY"], "folder": "/srv/mcp/everything", "memory_mb": 1024, "log_stderr": false}}}
 * </pre> {@code command} and {@code folder} are required. The values of the variables are those of this process. The
 * faults of the whole file are reported together, and name no value.
 */
final class StdioDefinitions {
  static final int DEFAULT_MEGABYTES = 1024;
  private static final int MIN_MEGABYTES = 64;
  private static final int MAX_MEGABYTES = 65_536;
  private static final Set<String> MEMBERS = Set.of("command", "environment", "folder", "memory_mb", "log_stderr");
  private static final String VARIABLE = "[A-Za-z_][A-Za-z0-9_]*";
  /** The names of this service's own secrets. */
  private static final String OWN_SECRET = "WEBHOOK_SECRET|MCP_.*_CLIENT_SECRET";

  private final Map<String, String> environment;
  private final List<StdioDefinition> definitions = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();

  private StdioDefinitions(Map<String, String> environment) {
    this.environment = environment;
  }

  static StdioDefinitions none() {
    return new StdioDefinitions(Map.of());
  }

  /**
   * Reads the file.
   *
   * @param environment the variables of which a program gets those that its definition names
   */
  static StdioDefinitions read(Path file, Map<String, String> environment) {
    var read = new StdioDefinitions(environment);
    read.readAll(file);
    return read;
  }

  List<StdioDefinition> all() {
    return List.copyOf(definitions);
  }

  /**
   * The values of those variables of this process whose name says that the value may be a secret. A program runs as the
   * user of this process, and can read all of them on Linux (/proc), whatever its definition names.
   */
  Set<String> secrets() {
    return environment.entrySet().stream().filter(variable -> SecretName.is(variable.getKey()))
        .map(variable -> variable.getValue().strip()).collect(Collectors.toUnmodifiableSet());
  }

  /** What is wrong with the file; empty if nothing is. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  private void readAll(Path file) {
    var document = document(file);
    if (document.isEmpty() || !(document.get().path("servers") instanceof ObjectNode servers)
        || document.get().size() != 1) {
      faults.add("STDIO_SERVERS must name a file with a JSON object whose one member is the object servers");
      return;
    }
    servers.properties().forEach(server -> read(server.getKey(), server.getValue()));
  }

  private static Optional<ObjectNode> document(Path file) {
    try {
      return Json.object(Files.readAllBytes(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private void read(String name, JsonNode definition) {
    if (!StdioName.isValid(name)) {
      faults.add(
          "STDIO_SERVERS: the name of each server must have 1 to 64 letters, digits, dots, hyphens and underscores");
      return;
    }
    int before = faults.size();
    if (!definition.isObject() || !definition.propertyStream().allMatch(member -> MEMBERS.contains(member.getKey()))) {
      fault(name,
          "must be an object that has no other members than command, environment, folder, memory_mb and log_stderr");
      return;
    }
    var command = texts(name, definition, "command");
    if (command.isEmpty() || !isProgram(command.getFirst())) {
      fault(name, "command must be a list that begins with the absolute path of a program which may be executed");
    }
    var variables = variables(name, texts(name, definition, "environment"));
    var folder = folder(name, definition.path("folder").asText());
    int memory = memory(name, definition.path("memory_mb"));
    boolean logs = flag(name, definition.path("log_stderr"));
    if (faults.size() > before) return;
    definitions.add(new StdioDefinition(new StdioName(name), command, variables, folder, memory, logs));
  }

  private void fault(String name, String what) {
    faults.add("STDIO_SERVERS: " + name + ": " + what);
  }

  private List<String> texts(String name, JsonNode definition, String member) {
    JsonNode list = definition.path(member);
    if (list.isMissingNode()) return List.of();
    if (list.isArray() && list.valueStream().allMatch(one -> one.isTextual() && one.textValue().indexOf('\0') < 0))
      return list.valueStream().map(JsonNode::textValue).toList();
    fault(name, member + " must be a list of texts");
    return List.of();
  }

  private static boolean isProgram(String program) {
    return path(program).filter(file -> file.isAbsolute() && Files.isRegularFile(file) && Files.isExecutable(file))
        .isPresent();
  }

  private Map<String, String> variables(String name, List<String> names) {
    var values = new LinkedHashMap<String, String>();
    for (String variable : names) {
      String value = environment.get(variable);
      if (!variable.matches(VARIABLE)) fault(name, "environment must be a list of names of variables");
      else if (variable.matches(OWN_SECRET)) fault(name, "environment names a secret of this service: " + variable);
      else if (value == null) fault(name, "the variable " + variable + " is not set");
      else
        values.put(variable, value);
    }
    return values;
  }

  private Path folder(String name, String folder) {
    var found = path(folder).filter(there -> there.isAbsolute() && Files.isDirectory(there));
    if (found.isEmpty()) fault(name, "folder must be the absolute path of a folder that is there");
    return found.orElse(Path.of(""));
  }

  private int memory(String name, JsonNode megabytes) {
    if (megabytes.isMissingNode()) return DEFAULT_MEGABYTES;
    int value = megabytes.isIntegralNumber() && megabytes.canConvertToInt() ? megabytes.intValue() : 0;
    if (value < MIN_MEGABYTES || value > MAX_MEGABYTES) {
      fault(name, "memory_mb must be a number from " + MIN_MEGABYTES + " to " + MAX_MEGABYTES);
    }
    return value;
  }

  private boolean flag(String name, JsonNode flag) {
    if (!flag.isMissingNode() && !flag.isBoolean()) fault(name, "log_stderr must be true or false");
    return flag.booleanValue();
  }

  private static Optional<Path> path(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }
}
