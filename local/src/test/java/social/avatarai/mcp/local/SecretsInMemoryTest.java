package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Response;

/**
 * What a process of the service still holds in memory after its requests have ended. The servers and the caller are in
 * this process, so everything in the other one is ours.
 */
@Execution(ExecutionMode.CONCURRENT) // starts a process
class SecretsInMemoryTest {
  @TempDir
  private Path folder;

  /** Its responses come compressed, so that decoders hold them too. */
  private final FakeAuthorizationServer authorizationServer = FakeAuthorizationServer
      .start(knobs -> knobs.contentEncoding("br, gzip"));
  private final FakeMcpServer mcpServer = FakeMcpServer.protectedBy(authorizationServer,
      knobs -> knobs.protocolVersions("2026-07-28"));

  @AfterEach
  void close() {
    try (authorizationServer; mcpServer) {
    }
  }

  private final String url = mcpServer.url() + "?api_key=" + Unguessable.text();

  @Test
  void processKeepsNoTokenCodeOrVerifierAndNoKeyOfAUrlOfRequestsThatHaveEnded() throws Exception {
    try (var service = LocalProcess.start(folder)) {
      useEverything(service.base());
      var secrets = secrets();
      var dump = HeapDump.of(service.process(), folder.resolve("live.hprof"));
      assertThat(dump.counts(List.of(mcpServer.url()))).as("the dump shows what is kept").isNotEmpty();
      assertThat(secrets).hasSizeGreaterThanOrEqualTo(6);
      secrets.add(url.replaceFirst(".*=", ""));
      assertThat(dump.counts(secrets)).as("how often each is still there").isEmpty();
    }
  }

  /** A search that misses a text would let the other test pass. */
  @Test
  void searchFindsATextInEveryEncoding() throws Exception {
    var file = folder.resolve("texts.hprof");
    Files.write(file, "..token-one..".getBytes(ISO_8859_1));
    Files.write(file, "..token-two..token-one..".getBytes(UTF_16LE), StandardOpenOption.APPEND);
    Files.write(file, "..token-two..".getBytes(UTF_16BE), StandardOpenOption.APPEND);
    assertThat(new HeapDump(file).counts(List.of("token-one", "token-two", "token-three")))
        .containsOnlyKeys("token-one", "token-two");
  }

  private void useEverything(String base) {
    try (var user = new ApiUser(base)) {
      String client = user.register(authorizationServer, "client_secret_basic").text("client_id");
      var begun = user.begin(authorizationServer, client, url);
      user.consent(authorizationServer, begun).succeeded();
      user.callTool(url).succeeded();
      nameAToolByTheToken();
      user.post(ApiUser.ACCESS, Json.newObject().put("resource_url", url).put("method", "tools/list")).succeeded();
      user.refresh().succeeded();
      user.callTool(url).succeeded();
      user.disconnect().succeeded();
    }
  }

  /** The headers of listed tools are remembered by the tools' names. */
  private void nameAToolByTheToken() {
    mcpServer.mcpEndpoint().nextFrom(request -> {
      var message = Json.newObject().put("jsonrpc", "2.0");
      message.set("id", request.json().path("id"));
      var tool = message.putObject("result").put("resultType", "complete").putArray("tools").addObject()
          .put("name", request.header("authorization").orElseThrow().replaceFirst("^Bearer ", ""));
      tool.putObject("inputSchema").put("type", "object").putObject("properties").putObject("region")
          .put("type", "string").put("x-mcp-header", "Region");
      return Response.json(200, message);
    });
  }

  private Set<String> secrets() {
    var secrets = new LinkedHashSet<String>();
    mcpServer.requests().forEach(request -> request.header("authorization")
        .ifPresent(value -> secrets.add(value.replaceFirst("^Bearer ", ""))));
    Stream.of(authorizationServer.tokenRequests(), authorizationServer.revocations()).flatMap(List::stream)
        .forEach(request -> Stream.of("code", "code_verifier", "refresh_token", "token")
            .map(request.parameters()::get).filter(value -> value != null).forEach(secrets::add));
    return secrets;
  }
}
