package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

class SseEndpointTest {

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      https://mcp.example/sse         | /messages?sessionId=1              | https://mcp.example/messages?sessionId=1
      https://mcp.example/sse         | messages/                          | https://mcp.example/messages/
      https://mcp.example/a/sse       | messages                           | https://mcp.example/a/messages
      https://mcp.example/a/sse       | ../messages                        | https://mcp.example/messages
      https://mcp.example/a/sse?key=k | ?sessionId=1                       | https://mcp.example/a/sse?sessionId=1
      https://mcp.example/a/sse?key=k | /messages                          | https://mcp.example/messages
      https://mcp.example             | messages                           | https://mcp.example/messages
      https://mcp.example/sse         | https://mcp.example:443/messages   | https://mcp.example:443/messages
      https://mcp.example/sse         | HTTPS://MCP.example/messages       | HTTPS://MCP.example/messages
      https://mcp.example/sse         | //mcp.example/messages             | https://mcp.example/messages
      """)
  void urlIsResolvedInThatOfTheStream(String stream, String said, String url) {
    assertThat(SseEndpoint.of(new EndpointUrl(stream), said).value()).isEqualTo(url);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://mcp.example.evil.example/messages", "https://evil.example/messages",
      "//evil.example/messages", "https://mcp.example:8443/messages", "http://localhost/messages",
      "https://mcp.example@evil.example/", "https://user@mcp.example/messages", "http://mcp.example/messages",
      "wss://mcp.example/messages", "/messages#fragment", "\\\\evil.example\\messages", "/\\evil.example", "", "ftp:x",
      "/\u0000", "/m\u00e9ssages", "https:messages"})
  void otherOriginsAndWhatIsNoUrlAreRefused(String said) {
    assertThatThrownBy(() -> SseEndpoint.of(new EndpointUrl("https://mcp.example/sse"), said))
        .isInstanceOf(Failure.ProtocolBroken.class);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      https://mcp.example/sse           | https://mcp.example/messages?sessionId=1
      https://mcp.example               | https://mcp.example/messages
      https://mcp.example/a/sse?key=k   | https://mcp.example/a/messages/?sessionId=1
      https://mcp.example/a/sse/        | https://mcp.example/a/messages
      https://mcp.example/a/sse         | https://mcp.example/a/sse?sessionId=1
      https://mcp.example/a/sse         | https://MCP.example:443/a/b/messages
      """)
  void messagesBesideTheStreamAreOfItsServer(String stream, String messages) {
    SseEndpoint.requireBeside(new EndpointUrl(stream), new EndpointUrl(messages));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/messages", "/ab/messages", "/b/messages", "/a/../b/messages", "/a/%2e%2e/b/messages",
      "/a/..%2Fb/messages", "/a/..;x/b/messages", "/A/messages", "//a/messages"})
  void messagesElsewhereAtTheOriginAreNotOfTheServerOfTheStream(String path) {
    var stream = new EndpointUrl("https://mcp.example/a/sse");
    assertThatThrownBy(() -> SseEndpoint.requireBeside(stream, new EndpointUrl("https://mcp.example" + path)))
        .isInstanceOfSatisfying(Failure.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.RESOURCE_NOT_EXACT));
  }

  /** The JDK glues a relative reference to a host without a path. */
  @ParameterizedTest
  @ValueSource(strings = {".evil.example/messages", "@evil.example/messages", ":8443/messages"})
  void referenceCannotLengthenTheHost(String said) {
    try {
      assertThat(SseEndpoint.of(new EndpointUrl("https://mcp.example"), said).origin())
          .isEqualTo("https://mcp.example");
    } catch (Failure.ProtocolBroken e) {
      assertThat(e.safeMessage()).startsWith("The server's endpoint event ");
    }
  }
}
