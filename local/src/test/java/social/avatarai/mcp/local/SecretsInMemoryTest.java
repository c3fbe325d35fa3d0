package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;

/**
 * What a process of the service still holds in memory after its requests have ended. The servers and the caller are in
 * this process, so everything in the other one is ours.
 */
@Execution(ExecutionMode.CONCURRENT) // starts a process
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
      assertThat(secrets).hasSizeGreaterThanOrEqualTo(6);
      assertThat(dump.counts(secrets)).as("how often each is still there").isEmpty();
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
