package social.avatarai.mcp.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.proxy.ClientMessage.Request;
import social.avatarai.mcp.resource.Access;

class LegacyClientTest {

  private static ObjectNode response(String type) {
    var request = (Request) ClientMessage
        .of("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"a\"}}".getBytes(UTF_8));
    return new LegacyClient().response(request, new Access.Answered(Json.newObject().put("resultType", type), true));
  }

  @Test
  void errorInPlaceOfAnUnknownTypeSaysThatTheRequestMayHaveBeenCarriedOut() {
    var error = response("task").path("error");
    assertThat(error.path("code").asInt()).isEqualTo(-32603);
    assertThat(error.path("message").asText()).contains("may have been carried out");
  }

  @Test
  void errorInPlaceOfAQuestionSaysThatNothingWasCarriedOut() {
    var error = response("input_required").path("error");
    assertThat(error.path("code").asInt()).isEqualTo(-32603);
    assertThat(error.path("message").asText()).contains("asks for input before it carries the request out");
  }

  @Test
  void errorHasTheIdOfTheRequest() {
    assertThat(response("task").path("id").asInt()).isEqualTo(7);
  }
}
