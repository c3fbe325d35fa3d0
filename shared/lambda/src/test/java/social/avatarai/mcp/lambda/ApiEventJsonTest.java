package social.avatarai.mcp.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import com.amazonaws.services.lambda.runtime.serialization.factories.JacksonFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import social.avatarai.mcp.BrowserKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.Json;

/** Our reading and writing, held against what Lambda's runtime does for a handler that takes AWS's classes. */
class ApiEventJsonTest {
  private static final Path EVENTS = Path.of("..", "..", "events");
  private static final PojoSerializer<APIGatewayV2HTTPEvent> OF_EVENTS = JacksonFactory.getInstance()
      .getSerializer(APIGatewayV2HTTPEvent.class);
  private static final PojoSerializer<APIGatewayV2HTTPResponse> OF_RESPONSES = JacksonFactory.getInstance()
      .getSerializer(APIGatewayV2HTTPResponse.class);

  private static APIGatewayV2HTTPEvent read(byte[] json) throws IOException {
    return ApiEventJson.read(new ByteArrayInputStream(json));
  }

  private static byte[] written(APIGatewayV2HTTPResponse response) throws IOException {
    var json = new ByteArrayOutputStream();
    ApiEventJson.write(response, json);
    return json.toByteArray();
  }

  private static byte[] writtenByAws(APIGatewayV2HTTPResponse response) {
    var json = new ByteArrayOutputStream();
    OF_RESPONSES.toJson(response, json);
    return json.toByteArray();
  }

  /** Every sample event of an HTTP API. */
  private static Stream<Path> events() throws IOException {
    try (var files = Files.walk(EVENTS)) {
      return files.filter(file -> file.toString().endsWith(".json") && !file.toString().endsWith(".expected.json"))
          .filter(ApiEventJsonTest::isOfAnHttpApi).sorted().toList().stream();
    }
  }

  private static boolean isOfAnHttpApi(Path file) {
    try {
      var json = Json.object(Files.readAllBytes(file)).orElseThrow();
      return json.path("version").asText().equals("2.0") && !json.has("type");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @TestFactory
  Stream<DynamicTest> readsEverySampleEventAsTheRuntimeOfLambdaDoes() throws IOException {
    var files = events().toList();
    assertThat(files).hasSizeGreaterThan(200);
    return files.stream().map(file -> DynamicTest.dynamicTest(EVENTS.relativize(file).toString(), () -> {
      byte[] json = Files.readAllBytes(file);
      var own = read(json);
      assertThat(own).isEqualTo(OF_EVENTS.fromJson(new ByteArrayInputStream(json)));
      assertThat(own.getRequestContext().getHttp().getMethod()).isNotEmpty();
    }));
  }

  /** An object of AWS's class with a value in each of its members. */
  private static Object filled(Class<?> type) throws ReflectiveOperationException {
    var object = type.getConstructor().newInstance();
    for (var method : type.getMethods()) {
      // No route has an authorizer of IAM.
      boolean isSetter = method.getName().startsWith("set") && !method.getName().equals("setIam");
      if (isSetter) method.invoke(object, value(method.getParameterTypes()[0], method.getName()));
    }
    return object;
  }

  private static Object value(Class<?> type, String text) throws ReflectiveOperationException {
    if (type == String.class) return text;
    if (type == long.class) return 7L;
    if (type == boolean.class) return true;
    if (type == List.class) return List.of(text, "");
    return type == Map.class ? Map.of(text, "value") : filled(type);
  }

  /** A newer version of AWS's class may have a member more. */
  @Test
  void readsEveryMemberOfAwssClassExceptAnAuthorizerOfIam() throws Exception {
    var event = (APIGatewayV2HTTPEvent) filled(APIGatewayV2HTTPEvent.class);
    var json = new ByteArrayOutputStream();
    OF_EVENTS.toJson(event, json);
    assertThat(event.getRequestContext().getAuthorizer().getJwt().getScopes()).isNotEmpty();
    assertThat(read(json.toByteArray())).isEqualTo(event);
  }

  @Test
  void readsValuesOfAnyTypeFromAnAuthorizerFunctionAndTextsElsewhere() throws IOException {
    var json = Json.newObject();
    json.putObject("headers").put("x-empty", "").put("x-number", 7);
    var values = json.putObject("requestContext").putObject("authorizer").putObject("lambda").put("sub", "u")
        .put("level", 3).put("ratio", 0.5).put("isAdmin", true).putNull("nothing");
    values.putArray("aud").add("a").add("b");
    values.putObject("events").put("e", 1);
    byte[] bytes = json.toString().getBytes(UTF_8);
    assertThat(read(bytes)).isEqualTo(OF_EVENTS.fromJson(new ByteArrayInputStream(bytes)));
  }

  @Test
  void readsAnEventWithNothingInItAsTheRuntimeDoesAndRespondsToIt() throws IOException {
    for (String json : List.of("{}", "{\"requestContext\":{}}", "{\"requestContext\":{\"authorizer\":{}}}",
        "{\"headers\":null,\"requestContext\":{\"http\":{},\"authorizer\":{\"jwt\":{}}}}")) {
      var event = read(json.getBytes(UTF_8));
      assertThat(event).isEqualTo(OF_EVENTS.fromJson(json));
      assertThat(Request.method(event)).isEqualTo("GET");
    }
  }

  static Stream<APIGatewayV2HTTPResponse> responses() {
    return Stream.of(Reply.ok(Json.newObject().put("data", "\u0001\"\\ \u4f60\u597d \ud83d\ude00")), Reply.noContent(),
        Reply.page(400, "<p>\u2028</p>"), Reply.seeOther("https://app.example.com/?a=%20"),
        Reply.ok(Json.newObject()).withBrowserKey(new BrowserKey("k")),
        Reply.error(ErrorCode.INVALID_REQUEST, "No.")).map(reply -> reply.response(request(), Instant.EPOCH));
  }

  private static Request request() {
    var environment = Map.of("SESSIONS_TABLE", "s", "TOKENS_TABLE", "t", "DUE_TABLE", "d", "REGISTRATIONS_TABLE", "r",
        "SERVERS_TABLE", "v", "KEY_RING_SECRET", "k", "SIGNING_KEY_SECRET", "g", "CLIENT_SECRET_PREFIX", "p",
        "PUBLIC_BASE_URL", "https://api.example.com");
    return new Request(new APIGatewayV2HTTPEvent(), Settings.read(environment, Profiles.load()),
        Deadline.in(Duration.ofSeconds(9)), new Request.RouteLimits(Request.MAX_BODY_BYTES, Set.of()));
  }

  @ParameterizedTest
  @MethodSource("responses")
  void writesAResponseAsTheRuntimeOfLambdaDoesWithoutItsEmptyMembers(APIGatewayV2HTTPResponse response)
      throws IOException {
    var own = Json.object(written(response)).orElseThrow();
    var awsOwn = Json.object(writtenByAws(response)).orElseThrow();
    awsOwn.properties().removeIf(member -> member.getValue().isNull());
    assertThat(own).isEqualTo(awsOwn);
    assertThat(OF_RESPONSES.fromJson(new ByteArrayInputStream(written(response)))).isEqualTo(response);
  }

  @Test
  void leavesTheStreamOfTheRuntimeOpen() throws IOException {
    var closed = new AtomicBoolean();
    ApiEventJson.write(responses().findFirst().orElseThrow(), new ByteArrayOutputStream() {
      @Override
      public void close() {
        closed.set(true);
      }
    });
    assertThat(closed).isFalse();
  }
}
