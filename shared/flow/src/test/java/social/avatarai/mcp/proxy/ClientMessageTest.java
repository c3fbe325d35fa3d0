package social.avatarai.mcp.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.http.Json;

class ClientMessageTest {

  private static ClientMessage read(String body) {
    return ClientMessage.of(body.getBytes(UTF_8));
  }

  private static String refused(String body) {
    if (read(body) instanceof ClientMessage.Refused(var fault, var id)) return fault.body(id).toString();
    throw new AssertionError("taken as " + read(body));
  }

  private static String invalid(String message) {
    return "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":\"" + message + "\"}}";
  }

  private static String invalid(String id, String message) {
    return invalid(message).replace("\"error\"", "\"id\":" + id + ",\"error\"");
  }

  @Test
  void readsARequestAndANotification() {
    assertThat(read("{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/list\",\"params\":{\"cursor\":\"c\"}}"))
        .isEqualTo(new ClientMessage.Request(Json.newObject().put("i", "a").get("i"), "tools/list",
            Json.newObject().put("cursor", "c")));
    assertThat(read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":null}"))
        .isEqualTo(new ClientMessage.Request(Json.newObject().put("i", 1).get("i"), "tools/list", null));
    assertThat(read("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"))
        .isEqualTo(new ClientMessage.Notification("notifications/initialized"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "nonsense", "{\"jsonrpc\":\"2.0\"} {}", "{\"id\":1,\"id\":2}"})
  void refusesWhatIsNotJsonWithoutAnId(String body) {
    assertThat(refused(body)).startsWith("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700,");
  }

  @Test
  void refusesABatchAsAWhole() {
    assertThat(refused("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]"))
        .isEqualTo(invalid("Batches are not supported: send each message in a POST of its own."));
    assertThat(refused("[]")).contains("Batches");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "\"text\"", "null", "true"})
  void refusesWhatIsNoObject(String body) {
    assertThat(refused(body)).isEqualTo(invalid("The body is not a JSON object."));
  }

  @Test
  void namesTheIdOfARequestThatIsNotWellFormed() {
    assertThat(refused("{\"jsonrpc\":\"1.0\",\"id\":7,\"method\":\"ping\"}"))
        .isEqualTo(invalid("7", "The member jsonrpc must be \\\"2.0\\\"."));
    assertThat(refused("{\"id\":7,\"method\":\"ping\"}")).contains("\"id\":7", "jsonrpc");
    assertThat(refused("{\"jsonrpc\":\"2.0\",\"id\":7}")).isEqualTo(invalid("7", "The member method is missing."));
    assertThat(refused("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":1}")).contains("\"id\":7", "member method");
    assertThat(refused("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"a b\"}")).contains("\"id\":7", "member method");
    assertThat(refused("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"" + "m".repeat(129) + "\"}")).contains("128");
    assertThat(refused("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\",\"params\":[]}"))
        .contains("\"id\":7", "-32602");
    assertThat(refused("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"notifications/x\"}")).contains("\"id\":7");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "1.5", "1.0", "true", "{}", "[1]"})
  void refusesAnIdThatIsNeitherATextNorAnInteger(String id) {
    assertThat(refused("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"ping\"}"))
        .contains("The member id must be").doesNotContain("\"id\":");
  }

  @Test
  void refusesAnIdThatWouldFillTheResponse() {
    assertThat(read("{\"jsonrpc\":\"2.0\",\"id\":\"" + "i".repeat(1024) + "\",\"method\":\"ping\"}"))
        .isInstanceOf(ClientMessage.Request.class);
    assertThat(refused("{\"jsonrpc\":\"2.0\",\"id\":\"" + "i".repeat(1025) + "\",\"method\":\"ping\"}"))
        .contains("1024").doesNotContain("iii");
  }

  @Test
  void refusesARequestThatWantsNoResponseAndAResponse() {
    assertThat(refused("{\"jsonrpc\":\"2.0\",\"method\":\"tools/call\"}")).contains("A request needs an id");
    assertThat(refused("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}")).contains("takes no responses");
    assertThat(refused("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{}}")).contains("takes no responses");
  }
}
