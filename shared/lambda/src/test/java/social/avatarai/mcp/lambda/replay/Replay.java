package social.avatarai.mcp.lambda.replay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.testkit.Demo;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.event.AsHttp;
import social.avatarai.mcp.testkit.event.SampleEvent;

/**
 * Replays sample events on a handler in this process: one test for each event, and one more with loopback refused for
 * each event that expects a response without its servers.
 */
public final class Replay {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path EVENTS = Path.of("..", "..", "events");

  private Replay() {}

  /** The tests of a function. */
  public static Stream<DynamicTest> of(String function, Function<Wiring, RequestStreamHandler> handler) {
    var events = SampleEvent.of(EVENTS, function);
    assertThat(events).as("events of " + function).isNotEmpty();
    var reachable = events.stream().map(event -> DynamicTest.dynamicTest(event.name(), () -> replay(event, handler)));
    var refused = events.stream().filter(event -> event.needsUpstream() && event.isExpectedWithoutUpstream())
        .map(event -> DynamicTest.dynamicTest(event.name() + ", loopback refused", () -> refuse(event, handler)));
    return Stream.concat(reachable, refused);
  }

  /** Invokes a handler with an event and returns its response. */
  public static JsonNode invoke(RequestStreamHandler handler, String event) {
    var response = new ByteArrayOutputStream();
    try {
      handler.handleRequest(new ByteArrayInputStream(event.getBytes(UTF_8)), response, new TestContext());
      return JSON.readTree(response.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The response to a sample event whose MCP server is on another site than its issuer, with this setting. */
  public static JsonNode acrossSites(String function, String name, String foreignIssuers,
      Function<Wiring, RequestStreamHandler> handler) {
    try (var platform = new TestPlatform(Clock.systemUTC()).with("FOREIGN_ISSUERS", foreignIssuers);
        var authorizationServer = FakeAuthorizationServer.start();
        var mcpServer = FakeMcpServer.protectedBy(authorizationServer)) {
      // All names for loopback are different sites.
      String url = mcpServer.url().replace("localhost", "127.0.0.1");
      mcpServer.adjust(knobs -> knobs.resource(url));
      var event = SampleEvent.of(EVENTS, function).stream().filter(one -> one.name().equals(name)).findFirst()
          .orElseThrow().against(url, authorizationServer.issuer());
      event.seed().ifPresent(platform.seeds(url, authorizationServer.issuer())::write);
      return invoke(handler.apply(platform.wiring()), event.text());
    }
  }

  private static void replay(SampleEvent event, Function<Wiring, RequestStreamHandler> handler) {
    try (var platform = new TestPlatform(Clock.systemUTC()); var demo = Demo.start(0, 0)) {
      var own = event.against(demo);
      own.seed().ifPresent(platform.seeds(demo.mcpUrl(), demo.issuer())::write);
      assertThat(own.judge(response(handler.apply(platform.wiring()), own))).isEmpty();
    }
  }

  private static void refuse(SampleEvent event, Function<Wiring, RequestStreamHandler> handler) {
    try (var platform = new TestPlatform(Clock.systemUTC()).with(AddressPolicy.publicInternet())) {
      var own = event.withoutUpstream();
      event.seed().ifPresent(platform.seeds("http://localhost:9402/mcp", "http://localhost:9401")::write);
      assertThat(own.judge(response(handler.apply(platform.wiring()), own))).isEmpty();
    }
  }

  /** The response as HTTP. A failed invocation counts as 400, a result without a status as 200. */
  private static JsonNode response(RequestStreamHandler handler, SampleEvent event) {
    try {
      return AsHttp.of(invoke(handler, event.text()));
    } catch (Failure failure) {
      return AsHttp.failed(failure.code().wireName());
    }
  }
}
