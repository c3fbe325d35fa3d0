package social.avatarai.mcp.functions.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.event.DeliveryQueue;
import social.avatarai.mcp.event.Webhook;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.lambda.replay.Replay;
import social.avatarai.mcp.lambda.replay.TestPlatform;
import social.avatarai.mcp.testkit.FixedClock;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.vault.CachedSecret;

class WebhookHandlerTest {
  private static final Path EVENTS = Path.of("..", "..", "events", "webhook");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String OLD = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLwSw";
  private static final String NEW = Base64.getEncoder()
      .encodeToString("the new secret of this test only".getBytes(UTF_8));

  private final FixedClock clock = FixedClock.started();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final TestPlatform platform = new TestPlatform(clock).loggingTo(new PrintStream(log, true, UTF_8));
  private Response response = Response.of(204);
  private final LoopbackHttp app = LoopbackHttp.start(_ -> response);

  @BeforeEach
  void listen() {
    platform.with("WEBHOOK_URL", app.url() + "/hook");
    platform.vault().create("test/webhook", "whsec_" + OLD);
  }

  @AfterEach
  void close() {
    app.close();
    platform.close();
  }

  private WebhookHandler handler() {
    return new WebhookHandler(platform, platform.journal());
  }

  private JsonNode invoke(JsonNode event) {
    return Replay.invoke(handler(), event.toString());
  }

  private static ObjectNode sample(String name) throws IOException {
    return (ObjectNode) JSON.readTree(Files.readString(EVENTS.resolve(name + ".json")));
  }

  private static ObjectNode received(int times) throws IOException {
    var event = sample("ok");
    ((ObjectNode) event.at("/Records/0/attributes")).put("ApproximateReceiveCount", Integer.toString(times));
    return event;
  }

  /** The signature as its receiver computes it, from what it received. */
  private static String signature(Received request, String key) throws GeneralSecurityException {
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(Base64.getDecoder().decode(key), "HmacSHA256"));
    String signed = request.header("webhook-id").orElseThrow() + "." + request.header("webhook-timestamp").orElseThrow()
        + "." + request.body();
    return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(UTF_8)));
  }

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    return Replay.of("webhook", wiring -> new WebhookHandler(platform, wiring.journal()));
  }

  @Test
  void sendsAnEventSigned() throws Exception {
    assertThat(invoke(sample("ok"))).hasToString("{\"batchItemFailures\":[]}");

    var request = app.requests().getFirst();
    assertThat(request.method() + " " + request.path()).isEqualTo("POST /hook");
    assertThat(request.header("content-type")).contains("application/json");
    assertThat(request.header("webhook-id")).contains("000000000000000000000000000e0001");
    assertThat(request.header("webhook-timestamp")).contains(Long.toString(clock.instant().getEpochSecond()));
    assertThat(request.header("webhook-signature")).contains(signature(request, OLD));
    assertThat(request.json().path("type").asText()).isEqualTo("grant.connected");
    assertThat(request.json().path("timestamp").asText()).isEqualTo("2026-09-21T14:13:21Z");
    assertThat(request.json().at("/data/version").asInt()).isEqualTo(1);
  }

  @Test
  void whileSecretsAreRotatedBothSign() throws Exception {
    var handler = handler();
    Replay.invoke(handler, sample("ok").toString());
    platform.vault().replace("test/webhook", "whsec_" + NEW + " whsec_" + OLD);
    clock.advance(CachedSecret.REREAD_AFTER);
    Replay.invoke(handler, sample("ok").toString());

    var request = app.requests().getLast();
    assertThat(request.header("webhook-signature"))
        .contains(signature(request, NEW) + " " + signature(request, OLD));
  }

  @Test
  void anotherTryHasTheSameIdAndBodyAndATimestampOfItsOwn() throws Exception {
    response = Response.of(503);
    invoke(received(1));
    clock.advance(Duration.ofSeconds(5));
    response = Response.of(200);
    invoke(received(2));

    var first = app.requests().getFirst();
    var second = app.requests().getLast();
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(second.header("webhook-id")).isEqualTo(first.header("webhook-id"));
    assertThat(second.header("webhook-timestamp")).isNotEqualTo(first.header("webhook-timestamp"));
    assertThat(second.header("webhook-signature")).contains(signature(second, OLD));
  }

  @ParameterizedTest
  @CsvSource({"1,PT5S", "2,PT5M", "3,PT30M", "4,PT2H", "5,PT5H", "6,PT10H", "7,PT10H", "8,PT10H"})
  void aMessageThatIsNotAcceptedStaysAndIsTriedAgainAfterALongerPause(int tries, Duration pause) throws IOException {
    response = Response.of(500);

    assertThat(invoke(received(tries))).hasToString("{\"batchItemFailures\":[{\"itemIdentifier\":\"message-1\"}]}");
    assertThat(platform.pauses()).isEqualTo(Map.of("receipt-1", pause));
    assertThat(pause).isLessThanOrEqualTo(DeliveryQueue.MAX_PAUSE);
    assertThat(Webhook.pauseAfter(tries)).isEqualTo(pause);
  }

  @Test
  void aMessageThatIsNoEventKeepsNoOther() throws IOException {
    var batch = sample("malformed-body");
    var good = sample("ok").at("/Records/0").deepCopy();
    ((ObjectNode) good).put("messageId", "message-2");
    batch.withArray("Records").add(good);

    assertThat(invoke(batch)).hasToString("{\"batchItemFailures\":[{\"itemIdentifier\":\"message-1\"}]}");
    assertThat(app.requests()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 307, 308})
  void aSignedEventFollowsNoRedirect(int status) throws IOException {
    try (var other = LoopbackHttp.start(_ -> Response.of(204))) {
      response = Response.redirect(status, other.url() + "/hook");

      assertThat(invoke(sample("ok")).path("batchItemFailures")).hasSize(1);
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void outsideOfALocalRunNothingIsSentToLoopback() throws IOException {
    platform.with(AddressPolicy.publicInternet());

    assertThat(invoke(sample("ok")).path("batchItemFailures")).hasSize(1);
    assertThat(app.requests()).isEmpty();
  }

  @Test
  void withoutASecretNothingIsSentUnsigned() throws IOException {
    platform.vault().delete("test/webhook");

    assertThat(invoke(sample("ok")).path("batchItemFailures")).hasSize(1);
    assertThat(app.requests()).isEmpty();
  }

  @Test
  void theSecretIsInNoLog() throws IOException {
    platform.vault().replace("test/webhook", "whsec_" + OLD + " whsec_short");
    invoke(sample("ok"));
    platform.vault().replace("test/webhook", "whsec_" + OLD);
    invoke(sample("ok"));

    assertThat(log.toString(UTF_8)).contains("webhook_failed", "webhook_sent").doesNotContain(OLD, "whsec_short");
  }

  @Test
  void everyFaultOfTheSettingsIsNamed() {
    platform.with("WEBHOOK_URL", "ftp://app.example.com").with("WEBHOOK_QUEUE", "").with("WEBHOOK_SECRET_NAME", " ");

    assertThatThrownBy(this::handler).isInstanceOf(Failure.Misconfigured.class).hasMessageContaining("WEBHOOK_URL")
        .hasMessageContaining("WEBHOOK_QUEUE is missing").hasMessageContaining("WEBHOOK_SECRET_NAME is missing");
  }
}
