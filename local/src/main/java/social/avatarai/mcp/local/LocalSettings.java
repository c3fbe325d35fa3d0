package social.avatarai.mcp.local;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The settings of a local run: the template's, with local values for what a deployment would get from AWS. */
final class LocalSettings {
  private static final String PREFIX = "local";

  private final Map<String, String> environment;

  LocalSettings(Map<String, String> environment) {
    this.environment = environment;
  }

  int port() {
    return Integer.parseInt(value("PORT", "3000"));
  }

  String publicBaseUrl() {
    return value("PUBLIC_BASE_URL", "http://localhost:" + port());
  }

  Optional<Path> dataDirectory() {
    return find("DATA_DIR").map(Path::of);
  }

  /** A demo server's port: the one asked for, any free one for 0. */
  int demoPort(String name, int otherwise) {
    return Integer.parseInt(value(name, Integer.toString(otherwise)));
  }

  boolean hasDemo() {
    return !value("DEMO", "on").equals("off");
  }

  /** Whether the stores are those of an endpoint (an emulator, or AWS), and not embedded ones. */
  boolean usesEndpoint() {
    return find("AWS_ENDPOINT_URL").isPresent();
  }

  /** What the handlers read as their environment. */
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
    settings.put("RETURN_TO_ALLOWLIST", publicBaseUrl() + LocalPages.RETURN_PATH);
    settings.keySet().forEach(name -> find(name).ifPresent(value -> settings.put(name, value)));
    settings.put("PUBLIC_BASE_URL", publicBaseUrl());
    return settings;
  }

  private String value(String name, String otherwise) {
    return find(name).orElse(otherwise);
  }

  private Optional<String> find(String name) {
    return Optional.ofNullable(environment.get(name)).map(String::strip).filter(value -> !value.isEmpty());
  }
}
