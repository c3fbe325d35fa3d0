package social.avatarai.mcp.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreHostTest {
  private static final Path ROOT = Path.of("..", "..");
  private static final String PROCESS = "http://127.0.0.1:4566";

  private static StoreHost host(Map<String, String> environment, boolean isDockerReachable) {
    return StoreHost.of(environment, () -> isDockerReachable);
  }

  @Test
  void runsLocalStackInItsContainerWhereDockerIsAndAsAProcessElsewhere() {
    var environment = Map.of("EMULATOR", "localstack", "AWS_ENDPOINT_URL", PROCESS);
    assertThat(host(environment, true)).isEqualTo(new StoreHost.LocalStackContainer());
    assertThat(host(environment, false)).isEqualTo(new StoreHost.LocalStackProcess(PROCESS));
  }

  @Test
  void needsNoProcessWhereDockerIsAndSaysSoWhereThereIsNeither() {
    var environment = Map.of("EMULATOR", "localstack");
    assertThat(host(environment, true)).isEqualTo(new StoreHost.LocalStackContainer());
    assertThatThrownBy(() -> host(environment, false)).hasMessageContaining("Docker").hasMessageContaining(
        "AWS_ENDPOINT_URL");
  }

  @Test
  void usesTheClientsOfTheServiceAtAnyOtherEndpointAndStoresOfItsOwnWithoutOne() {
    assertThat(host(Map.of("AWS_ENDPOINT_URL", PROCESS), true)).isEqualTo(new StoreHost.Endpoint());
    assertThat(host(Map.of(), true)).isEqualTo(new StoreHost.Embedded());
  }

  @Test
  void asksForDockerOnlyWhereLocalStackIsWanted() {
    var host = StoreHost.of(Map.of("AWS_ENDPOINT_URL", PROCESS), () -> {
      throw new AssertionError("Docker was asked for");
    });
    assertThat(host).isEqualTo(new StoreHost.Endpoint());
  }

  @Test
  void startsTheContainerWithTheVersionThatAlsoRunsAsAProcess() throws Exception {
    var configuration = StartedContainer.configuration(4570, 4571);
    assertThat(configuration.getImageName() + ":" + configuration.getImageTag())
        .isEqualTo("localstack/localstack:4.14.0");
    assertThat(configuration.getPortEdge() + " " + configuration.getPortElasticSearch()).isEqualTo("4570 4571");
    assertThat(Files.readAllLines(ROOT.resolve("local/localstack.txt")))
        .contains("localstack-core==" + StartedContainer.VERSION);
  }

  @Test
  void publishesThePortsOfTheContainerOnLoopbackAlone(@TempDir Path folder) throws Exception {
    var docker = Files.writeString(folder.resolve("docker"), "#!/usr/bin/env bash\nprintf '%s|' \"$@\"\n");
    assertThat(docker.toFile().setExecutable(true)).isTrue();
    var call = new ProcessBuilder(ROOT.resolve(".ci/docker-on-loopback").toString(), "run", "-d", "-p", "4570:4566",
        "-e", "A=b c", "localstack/localstack:4.14.0");
    call.environment().merge("PATH", folder.toString(), (path, own) -> own + ":" + path);
    var process = call.start();
    assertThat(new String(process.getInputStream().readAllBytes(), UTF_8))
        .isEqualTo("run|-d|-p|127.0.0.1:4570:4566|-e|A=b c|localstack/localstack:4.14.0|");
    assertThat(process.waitFor()).isZero();
  }
}
