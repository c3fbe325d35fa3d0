package social.avatarai.mcp.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.aws.eventbridge.EventBridgeBus;
import social.avatarai.mcp.aws.sqs.SqsDeliveryQueue;
import social.avatarai.mcp.event.GrantEvent;
import social.avatarai.mcp.event.GrantFacts;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantState;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/** Events and pauses leave as EventBridge and SQS take them. */
class AwsJsonServiceTest {
  private static final GrantEvent EVENT = new GrantEvent(GrantEvent.Type.CONNECTED, "event-1", "0001",
      Instant.parse("2026-01-02T03:04:05Z"),
      new GrantFacts(new ConnectionKey(new UserId("user"), new ConnectionId("server")), new GrantId("grant"), 1,
          GrantState.Status.ACTIVE, null, new Issuer("https://issuer.example.com")));

  private String body = "{\"FailedEntryCount\":0,\"Entries\":[{\"EventId\":\"1\"}]}";
  private int status = 200;
  private final LoopbackHttp aws = LoopbackHttp
      .start(_ -> Response.of(status).body("application/x-amz-json-1.1", body));

  private AwsJsonService service(AwsJsonService.Protocol protocol) {
    var credentials = StaticCredentialsProvider.create(AwsBasicCredentials.create("test-key-id", "test-key"));
    return new AwsJsonService(protocol, URI.create(aws.url()), Region.EU_WEST_1, credentials);
  }

  private void publish() {
    new EventBridgeBus(service(EventBridgeBus.PROTOCOL), "stack-grants").publish(EVENT);
  }

  @AfterEach
  void stop() {
    aws.close();
  }

  @Test
  void putsAnEventOnTheBusOfTheStack() {
    publish();

    var request = aws.requests().getFirst();
    var entry = request.json().at("/Entries/0");
    assertThat(request.header("x-amz-target")).contains("AWSEvents.PutEvents");
    assertThat(request.header("content-type")).contains("application/x-amz-json-1.1");
    assertThat(entry.path("EventBusName").asText()).isEqualTo("stack-grants");
    assertThat(entry.path("Source").asText()).isEqualTo("mcp-oauth-client");
    assertThat(entry.path("DetailType").asText()).isEqualTo("grant.connected");
    assertThat(entry.path("Time").asLong()).isEqualTo(EVENT.time().getEpochSecond());
    assertThat(entry.path("Detail").asText()).isEqualTo(EVENT.data().toString());
  }

  /** AWS Signature Version 4: the scope names the day, the region and the service. */
  @Test
  void signsForTheServiceAndTheRegion() {
    publish();

    assertThat(aws.requests().getFirst().header("authorization").orElseThrow())
        .matches("AWS4-HMAC-SHA256 Credential=test-key-id/[0-9]{8}/eu-west-1/events/aws4_request,"
            + " SignedHeaders=[a-z0-9;-]*content-type[a-z0-9;-]*x-amz-target[a-z0-9;-]*, Signature=[0-9a-f]{64}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"FailedEntryCount\":1,\"Entries\":[{\"ErrorCode\":\"ThrottlingException\"}]}", "{}",
      "no JSON"})
  void anEventThatTheBusDidNotTakeIsAFailureThoughTheStatusIs200(String response) {
    body = response;

    assertThatThrownBy(this::publish).isInstanceOf(Failure.Unreachable.class);
  }

  @Test
  void aFailureRepeatsNothingOfTheRequest() {
    status = 400;
    body = "{\"message\":\"issuer.example.com\"}";

    assertThatThrownBy(this::publish).isInstanceOfSatisfying(Failure.Unreachable.class,
        failure -> assertThat(failure.detail()).isEqualTo("events PutEvents: HTTP 400"));
  }

  @Test
  void hidesAMessageForItsPause() {
    body = "";
    new SqsDeliveryQueue(service(SqsDeliveryQueue.PROTOCOL), "https://sqs.example.com/1/webhook").hide("receipt",
        Duration.ofMinutes(5));

    var request = aws.requests().getFirst();
    assertThat(request.header("x-amz-target")).contains("AmazonSQS.ChangeMessageVisibility");
    assertThat(request.json()).isEqualTo(Json.newObject().put("QueueUrl", "https://sqs.example.com/1/webhook")
        .put("ReceiptHandle", "receipt").put("VisibilityTimeout", 300));
  }

  @Test
  void speaksToTheEndpointOfTheRegion() {
    assertThat(AwsJsonService.endpoint("events", Region.EU_WEST_1))
        .hasToString("https://events.eu-west-1.amazonaws.com");
    assertThat(AwsJsonService.endpoint("sqs", Region.CN_NORTH_1))
        .hasToString("https://sqs.cn-north-1.amazonaws.com.cn");
  }

  @Test
  void aRegionThatIsNewerThanTheSdkHasAnEndpointToo() {
    assertThat(AwsJsonService.endpoint("events", Region.of("eu-west-9")))
        .hasToString("https://events.eu-west-9.amazonaws.com");
    assertThat(AwsJsonService.endpoint("sqs", Region.of("cn-south-9")))
        .hasToString("https://sqs.cn-south-9.amazonaws.com.cn");
  }
}
