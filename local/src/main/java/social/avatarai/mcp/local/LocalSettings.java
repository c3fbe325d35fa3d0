package social.avatarai.mcp.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.testkit.Demo;

/** The settings of a local run: those of the template, with local values for what AWS would provide. */
final class LocalSettings {
  private static final String PREFIX = "local";
  /** The end of the settings that name a secret of the operator. Here the secret itself may be set instead. */
  private static final String SECRET_NAME = "_CLIENT_SECRET_NAME";
  private static final String PROFILES_FILE = "PROVIDER_PROFILES_FILE";
  private static final int HTTP_PORT = 80;
  private static final int MAX_PORT = 65_535;
  private static final Pattern HTTP_ORIGIN = Pattern.compile("https?://[^\\s/?#@]+/?");
  /** The webhook's secret itself. A deployment gets the name of a secret instead. */
  private static final String WEBHOOK_SECRET = "WEBHOOK_SECRET";
  private static final Set<String> EVENTS = Set.of("off", "on", "all");
  private static final Set<String> ON = Set.of("on", "true");
  private static final Set<String> OFF = Set.of("off", "false");

  private final Map<String, String> environment;

  LocalSettings(Map<String, String> environment) {
    this.environment = environment;
  }

  /** The faults of the runner's own settings; empty if there are none. A wrong port counts as not given. */
  List<String> faults() {
    var faults = new ArrayList<String>();
    portFault("PORT", 1).ifPresent(faults::add);
    for (String name : List.of("DEMO_AUTH_PORT", "DEMO_MCP_PORT"))
      portFault(name, 0).ifPresent(faults::add);
    if (!hasReplicas() && !isSwitch("DEMO")) faults.add("DEMO must be on, off or replicas");
    for (String name : List.of("ALLOW_LOOPBACK", "SESSION_BINDING"))
      if (!isSwitch(name)) faults.add(name + " must be on or off");
    if (!EVENTS.contains(events())) faults.add("EVENTS must be off, on or all");
    if (hasWebhook() && !hasEvents()) faults.add("WEBHOOK_URL needs EVENTS=on or EVENTS=all");
    if (hasWebhook() && find(WEBHOOK_SECRET).isEmpty()) faults.add("WEBHOOK_URL needs " + WEBHOOK_SECRET);
    faults.addAll(stdioServers().faults());
    profilesFile().filter(file -> read(file).isEmpty())
        .ifPresent(file -> faults.add(PROFILES_FILE + " cannot be read: " + file));
    find("AWS_ENDPOINT_URL").filter(url -> !HTTP_ORIGIN.matcher(url).matches())
        .ifPresent(_ -> faults.add("AWS_ENDPOINT_URL must be like http://127.0.0.1:4566"));
    return faults;
  }

  int port() {
    return port("PORT", 3000);
  }

  String publicBaseUrl() {
    // An origin leaves out the default port of its scheme (RFC 6454 §6.1).
    return value("PUBLIC_BASE_URL", "http://localhost" + (port() == HTTP_PORT ? "" : ":" + port()));
  }

  Optional<Path> dataDirectory() {
    return find("DATA_DIR").map(Path::of);
  }

  /** The MCP servers that the operator has defined as programs of this machine. */
  StdioDefinitions stdioServers() {
    return find("STDIO_SERVERS").map(Path::of).map(file -> StdioDefinitions.read(file, environment))
        .orElseGet(StdioDefinitions::none);
  }

  /** The demo authorization server's port; 0 for any free one. */
  int demoAuthorizationPort() {
    return port("DEMO_AUTH_PORT", Demo.AUTHORIZATION_SERVER_PORT);
  }

  /** The demo MCP server's port; 0 for any free one. */
  int demoMcpPort() {
    return port("DEMO_MCP_PORT", Demo.MCP_SERVER_PORT);
  }

  boolean hasDemo() {
    return isOn("DEMO");
  }

  /** Whether providers are played too. */
  boolean hasReplicas() {
    return value("DEMO", "on").equals("replicas");
  }

  /** The settings of the operator's clients, most of which are in no template. Here a secret stands beside its name. */
  private static boolean isOfAClient(String name) {
    return Settings.isOfAClient(name.replaceFirst("_CLIENT_SECRET$", SECRET_NAME));
  }

  private boolean isSwitch(String name) {
    String value = value(name, "on");
    return ON.contains(value) || OFF.contains(value);
  }

  boolean hasEvents() {
    return !events().equals("off");
  }

  /** Off by default at an endpoint: it may have no streams, and a table of AWS is not changed unasked. */
  private String events() {
    return value("EVENTS", usesEndpoint() ? "off" : "on");
  }

  boolean hasWebhook() {
    return find("WEBHOOK_URL").isPresent();
  }

  /** A switch, which is on by default. */
  boolean isOn(String name) {
    return !OFF.contains(value(name, "on"));
  }

  /** Whether the stores are at an endpoint (an emulator or AWS), not embedded. */
  boolean usesEndpoint() {
    return find("AWS_ENDPOINT_URL").isPresent();
  }

  /** The variables that the handlers read as their environment. */
  Map<String, String> forHandlers(Template template) {
    var settings = new LinkedHashMap<>(template.settings());
    settings.put("SESSIONS_TABLE", PREFIX + "-mcp_oauth_sessions");
    settings.put("TOKENS_TABLE", PREFIX + "-mcp_oauth_tokens");
    settings.put("DUE_TABLE", PREFIX + "-mcp_oauth_due");
    settings.put("REGISTRATIONS_TABLE", PREFIX + "-mcp_client_registrations");
    settings.put("SERVERS_TABLE", PREFIX + "-mcp_servers");
    settings.put("KEY_RING_SECRET", PREFIX + "/key-ring");
    settings.put("SIGNING_KEY_SECRET", PREFIX + "/signing-key");
    settings.put("CLIENT_SECRET_PREFIX", PREFIX);
    settings.put("REQUIRED_SCOPE", "");
    settings.put("EVENTS", events());
    settings.put("EVENT_BUS", PREFIX);
    settings.put("WEBHOOK_URL", "");
    settings.put("WEBHOOK_SECRET_NAME", EnvironmentSecrets.nameOf(WEBHOOK_SECRET));
    settings.put("WEBHOOK_QUEUE", PREFIX);
    settings.put("RETURN_TO_ALLOWLIST", publicBaseUrl() + LocalPages.RETURN_PATH);
    settings.keySet().forEach(name -> find(name).ifPresent(value -> settings.put(name, value)));
    environment.keySet().stream().filter(LocalSettings::isOfAClient).sorted()
        .forEach(name -> settings.putIfAbsent(name.replaceFirst("_CLIENT_SECRET$", SECRET_NAME),
            name.endsWith("_CLIENT_SECRET") ? "" : value(name, "")));
    settings.keySet().stream().filter(name -> name.endsWith(SECRET_NAME)).forEach(name -> {
      String plain = name.substring(0, name.length() - "_NAME".length());
      find(plain).ifPresent(_ -> settings.put(name, EnvironmentSecrets.nameOf(plain)));
    });
    settings.put("PUBLIC_BASE_URL", publicBaseUrl());
    profilesFile().flatMap(LocalSettings::read).ifPresent(json -> settings.put(Settings.OPERATOR_PROFILES, json));
    return settings;
  }

  /** The file with the operator's own profiles. A deployment has its text in a setting. */
  private Optional<Path> profilesFile() {
    return find(PROFILES_FILE).map(Path::of);
  }

  /** A fault of the settings, which names the file where the fault is in it. */
  String inItsPlace(String fault) {
    return find(PROFILES_FILE)
        .map(file -> fault.replaceFirst("^" + Settings.OPERATOR_PROFILES + " ", Matcher.quoteReplacement(file + " ")))
        .orElse(fault);
  }

  private static Optional<String> read(Path file) {
    try {
      return Optional.of(Files.readString(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Optional<String> portFault(String name, int least) {
    return find(name).filter(value -> !isPort(value, least))
        .map(_ -> name + " must be a number from " + least + " to " + MAX_PORT);
  }

  private int port(String name, int otherwise) {
    return find(name).filter(value -> isPort(value, 0)).map(Integer::parseInt).orElse(otherwise);
  }

  private static boolean isPort(String value, int least) {
    return value.matches("[0-9]{1,5}") && Integer.parseInt(value) >= least && Integer.parseInt(value) <= MAX_PORT;
  }

  private String value(String name, String otherwise) {
    return find(name).orElse(otherwise);
  }

  private Optional<String> find(String name) {
    return Optional.ofNullable(environment.get(name)).map(String::strip).filter(value -> !value.isEmpty());
  }
}
