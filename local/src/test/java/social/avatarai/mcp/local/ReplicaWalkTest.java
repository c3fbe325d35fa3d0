package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import social.avatarai.mcp.discovery.OperatorProfiles;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.testkit.FakeProvider;
import social.avatarai.mcp.testkit.Replica;

/** The walks that {@code DEMO=replicas local/run} prints, run by a shell as they stand. */
class ReplicaWalkTest {
  private static final Map<FakeProvider, Replica> REPLICAS = new EnumMap<>(FakeProvider.class);
  private static LocalService service;
  @TempDir
  Path folder;

  @BeforeAll
  static void start() {
    for (var provider : FakeProvider.values())
      if (provider != FakeProvider.GITHUB_OAUTH_APP) REPLICAS.put(provider, Replica.start(provider));
    service = LocalService.start(Map.of(Settings.OPERATOR_PROFILES, Replica.profiles(REPLICAS.values(), "")));
  }

  @AfterAll
  static void stop() {
    service.close();
    REPLICAS.values().forEach(Replica::close);
  }

  private String run(String commands) throws Exception {
    var script = Files.writeString(folder.resolve("walk"), commands);
    var out = folder.resolve("out");
    var shell = new ProcessBuilder("bash", "-eu", script.toString()).directory(folder.toFile())
        .redirectErrorStream(true).redirectOutput(out.toFile()).start();
    assertThat(shell.waitFor(60, TimeUnit.SECONDS)).as("the walk ends").isTrue();
    String said = Files.readString(out, UTF_8);
    assertThat(shell.exitValue()).as(said).isZero();
    return said;
  }

  private static String commands(Replica replica) {
    String printed = new ReplicaWalk(service.base()).toCopy(List.of(replica));
    return printed.substring(printed.indexOf("api="));
  }

  @ParameterizedTest
  @EnumSource(value = FakeProvider.class, names = "GITHUB_OAUTH_APP", mode = Mode.EXCLUDE)
  void printedWalkLeadsThroughOneLifeOfAConnection(FakeProvider provider) throws Exception {
    var replica = Objects.requireNonNull(REPLICAS.get(provider));
    String said = run(commands(replica));
    assertThat(said).containsSubsequence("\"status\":\"disconnected\"", "the next token response is an error page",
        "\"error\":\"upstream_unreachable\"", "\"hint\":", "\"access_token\":", "\"owner-2\"",
        "the access tokens have ended", "\"owner-2\"", "\"revoked\":true", "\"access_token\":",
        "the grants have ended", "\"error\":\"authorization_required\"", "\"requests\":[");
    if (provider.product().account() != null)
      assertThat(said).containsSubsequence("\"account\":{\"id\":\"", "\"error\":\"authorization_required\"",
          "account_changed", "\"account_change\":{");
    assertThat(said.substring(said.indexOf("\"requests\":["))).as("values are not shown")
        .doesNotContain(Replica.CLIENT_SECRET);
    if (replica.hasSse())
      assertThat(said).contains("\"owner-5\"").endsWith("\"revoked\":true,\"upstream_status\":200}\n");
  }

  /** The provider itself can still be connected beside its replica. */
  @Test
  void replicasTakeNoProfileOfTheProductAway() {
    try (var one = Replica.start(FakeProvider.X); var two = Replica.start(FakeProvider.NEON)) {
      var read = OperatorProfiles.read(Profiles.load(), Replica.profiles(List.of(one, two), ""));
      assertThat(read.faults()).isEmpty();
      assertThat(read.profiles().names()).containsAll(Profiles.load().names()).contains("x-replica", "neon-replica");
    }
  }

  @Test
  void profilesOfTheOperatorStayBesideThoseOfReplicas() {
    try (var replica = Replica.start(FakeProvider.NOTION_MCP)) {
      String own = "{\"example\":{\"issuer\":\"https://issuer.example\"}}";
      assertThat(OperatorProfiles.read(Profiles.load(), Replica.profiles(List.of(replica), own)).profiles().names())
          .contains("example", "notion-mcp-replica");
      assertThat(Replica.profiles(List.of(replica), "no JSON")).isEqualTo("no JSON");
    }
  }
}
