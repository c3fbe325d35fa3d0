package social.avatarai.mcp.functions.redirecturi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.lambda.replay.Replay;
import social.avatarai.mcp.lambda.replay.TestPlatform;

class RedirectUriHandlerTest {

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    return Replay.of("redirect-uri", RedirectUriHandler::new);
  }

  @Test
  void namesTheIssuersOwnRedirectUri() throws IOException {
    assertThat(bodyOf("ok")).isEqualTo("""
        {"issuer":"https://auth.example.com","redirect_uri":"https://api.example.com/api/mcp/oauth/issuer/%s/callback",\
        "published":false,"plain_callback":false}"""
        .formatted(IssuerContext.of(new Issuer("https://auth.example.com"))));
  }

  @Test
  void namesThePlainCallbackTooWhereAProfileAllowsIt() throws IOException {
    assertThat(bodyOf("ok-github"))
        .contains("/issuer/" + IssuerContext.of(new Issuer("https://github.com/login/oauth")))
        .endsWith(
            "\"published\":true,\"plain_callback\":true,\"plain_redirect_uri\":\"https://api.example.com/api/mcp/oauth/callback\"}");
  }

  @Test
  void namesThePlainCallbackTooWhereTheOperatorAllowsIt() throws IOException {
    var platform = new TestPlatform(Clock.systemUTC()).with("PLAIN_CALLBACK_ISSUERS",
        "https://other.example.com,https://auth.example.com");

    assertThat(bodyOf("ok", platform)).contains("\"plain_callback\":true");
  }

  private static String bodyOf(String event) throws IOException {
    return bodyOf(event, new TestPlatform(Clock.systemUTC()));
  }

  private static String bodyOf(String event, TestPlatform platform) throws IOException {
    String text = Files.readString(Path.of("..", "..", "events", "redirect-uri", event + ".json"));
    return Replay.invoke(new RedirectUriHandler(platform.wiring()), text).path("body").asText();
  }
}
