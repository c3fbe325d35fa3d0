package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.EndpointUrl;

class OutboundRequestTest {
  private static final EndpointUrl URL = new EndpointUrl("https://as.example/token?secret=1");

  @Test
  void encodesAFormInItsOrder() {
    var parameters = new LinkedHashMap<String, String>();
    parameters.put("grant_type", "authorization_code");
    parameters.put("redirect_uri", "https://a.example/cb?x=y z");
    parameters.put("ü", "+&=");

    assertThat(new String(OutboundRequest.form(URL, parameters).body(), UTF_8))
        .isEqualTo(
            "grant_type=authorization_code&redirect_uri=https%3A%2F%2Fa.example%2Fcb%3Fx%3Dy+z&%C3%BC=%2B%26%3D");
  }

  @Test
  void replacesAHeaderWhateverItsCase() {
    assertThat(OutboundRequest.document(URL).with("accept", "text/event-stream").headers())
        .isEqualTo(Map.of("accept", "text/event-stream"));
  }

  @Test
  void isRedirectedOnlyAsADocumentWithoutCredentials() {
    assertThat(OutboundRequest.document(URL).followsRedirects()).isTrue();
    assertThat(OutboundRequest.document(URL).with("MCP-Protocol-Version", "2025-11-25").within(1, Duration.ofSeconds(1))
        .followsRedirects()).isTrue();
    for (String header : List.of("Authorization", "authorization", "Cookie", "X-Api-Key", "Mcp-Session-Id"))
      assertThat(OutboundRequest.document(URL).with(header, "x").followsRedirects()).isFalse();
    assertThat(OutboundRequest.form(URL, Map.of()).followsRedirects()).isFalse();
    assertThat(OutboundRequest.json(URL, Json.newObject()).followsRedirects()).isFalse();
    assertThat(OutboundRequest.jsonForm("DELETE", URL, Map.of()).followsRedirects()).isFalse();
    assertThat(OutboundRequest.delete(URL).followsRedirects()).isFalse();
  }

  @Test
  void treatsAFormInJsonAsAForm() {
    var request = OutboundRequest.jsonForm("POST", URL, Map.of("code", "secret"));

    assertThat(new String(request.body(), UTF_8)).isEqualTo("{\"code\":\"secret\"}");
    assertThat(request.mayBeAborted()).as("its code cannot be sent again").isFalse();
    assertThat(request.keepsConnection()).as("its response has tokens").isFalse();
    assertThat(request.existsOnce()).isTrue();
  }

  @Test
  void printsNeitherHeadersNorBodyNorQuery() {
    assertThat(OutboundRequest.form(URL, Map.of("code", "secret")).with("Authorization", "secret"))
        .hasToString("POST https://as.example");
    assertThat(
        new HttpResponse(new ResponseHead(200, Map.of("set-cookie", List.of("secret"))), "secret".getBytes(UTF_8)))
        .hasToString("HttpResponse[200]");
    assertThat(new ResponseHead(200, Map.of("set-cookie", List.of("secret")))).hasToString("ResponseHead[200]");
  }
}
