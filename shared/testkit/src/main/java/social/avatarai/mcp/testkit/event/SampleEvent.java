package social.avatarai.mcp.testkit.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import social.avatarai.mcp.testkit.Demo;

/**
 * One sample event and the expectation for its response (events/README.md).
 *
 * @param function the function's folder
 * @param name the case
 * @param text the event
 * @param expected the expected response
 */
public record SampleEvent(String function, String name, String text, JsonNode expected) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String EXPECTED = ".expected.json";

  /** All events of a function, by name. */
  public static List<SampleEvent> of(Path events, String function) {
    try (var files = Files.list(events.resolve(function))) {
      return files.map(Path::getFileName).map(Path::toString)
          .filter(name -> name.endsWith(".json") && !name.endsWith(EXPECTED)).sorted()
          .map(name -> read(events, function, name.substring(0, name.length() - ".json".length()))).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SampleEvent read(Path events, String function, String name) {
    var folder = events.resolve(function);
    try {
      return new SampleEvent(function, name, Files.readString(folder.resolve(name + ".json")),
          JSON.readTree(folder.resolve(name + EXPECTED).toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean needsUpstream() {
    return expected.path("upstream").asBoolean(false);
  }

  /** The data that must be stored before: one of the {@link Seeds}. */
  public Optional<String> seed() {
    return Optional.ofNullable(expected.get("seed")).map(JsonNode::asText);
  }

  /** This event with the demo's URLs instead of the sample URLs. */
  public SampleEvent against(Demo demo) {
    return against(demo.mcpUrl(), demo.issuer());
  }

  /** This event with these URLs instead of the sample URLs. */
  public SampleEvent against(String mcpUrl, String issuer) {
    String own = text.replace("http://localhost:" + Demo.MCP_SERVER_PORT + "/mcp", mcpUrl)
        .replace("http://localhost:" + Demo.AUTHORIZATION_SERVER_PORT, issuer);
    return new SampleEvent(function, name, own, expected);
  }

  /** This event with the same seed, for a deployment that refuses loopback addresses, as on AWS. */
  public SampleEvent withoutUpstream() {
    var refused = JSON.createObjectNode();
    expected.path("without_upstream").properties().forEach(member -> refused.set(member.getKey(), member.getValue()));
    seed().ifPresent(seed -> refused.put("seed", seed));
    return new SampleEvent(function, name, text, refused);
  }

  public boolean isExpectedWithoutUpstream() { return !needsUpstream() || expected.has("without_upstream"); }

  /** Compares a response with the expectation. Returns the difference; empty if there is none. */
  public Optional<String> judge(JsonNode response) {
    JsonNode body = body(response);
    if (response.path("statusCode").asInt() != expected.path("status").asInt()) {
      return Optional.of("expected status " + expected.path("status") + " but was " + response.path("statusCode")
          + " with error " + body.path("error"));
    }
    if (expected.has("error") && !expected.get("error").equals(body.path("error"))) {
      return Optional.of("expected error " + expected.get("error") + " but was " + body.path("error"));
    }
    for (JsonNode field : expected.path("fields")) {
      if (!body.has(field.asText())) return Optional.of("expected the member " + field + " in the body");
    }
    return Optional.empty();
  }

  private static JsonNode body(JsonNode response) {
    try {
      String text = response.path("body").asText("");
      return text.startsWith("{") ? JSON.readTree(text) : JSON.createObjectNode();
    } catch (IOException e) {
      return JSON.createObjectNode();
    }
  }
}
