package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;

/** What a process of the service still holds in memory after its requests have ended. */
class SecretsInMemoryTest {
  @TempDir
  private Path folder;

  private final FakeAuthorizationServer authorizationServer = FakeAuthorizationServer.start();
  private final FakeMcpServer mcpServer = FakeMcpServer.protectedBy(authorizationServer);

  @AfterEach
  void close() {
    try (authorizationServer; mcpServer) {
    }
  }

  @Test
  void processKeepsNoTokenCodeOrVerifierOfRequestsThatHaveEnded() throws Exception {
    try (var service = LocalProcess.start(folder)) {
      useEverything(service.base());
      var secrets = secrets();
      var dump = HeapDump.of(service.process(), folder.resolve("live.hprof"));
      assertThat(dump.counts(List.of(mcpServer.url()))).as("the dump shows what is kept").isNotEmpty();
      System.err.println(secrets + " " + Files.size(folder.resolve("live.hprof")));
      Files.copy(folder.resolve("live.hprof"), Path.of("/tmp/leak.hprof"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      assertThat(dump.counts(secrets)).isEmpty();
    }
  }

  private void useEverything(String base) {
    try (var user = new ApiUser(base)) {
      String client = user.register(authorizationServer, "client_secret_basic").text("client_id");
      var begun = user.begin(authorizationServer, client, mcpServer.url());
      user.consent(authorizationServer, begun).succeeded();
      user.callTool(mcpServer.url()).succeeded();
      user.refresh().succeeded();
      user.callTool(mcpServer.url()).succeeded();
      user.disconnect().succeeded();
    }
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
