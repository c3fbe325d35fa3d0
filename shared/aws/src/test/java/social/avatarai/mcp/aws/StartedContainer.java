package social.avatarai.mcp.aws;

import cloud.localstack.Localstack;
import cloud.localstack.docker.annotation.LocalstackDockerConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;

/**
 * LocalStack's container, started by localstack-utils. It publishes ports on every interface, unless {@code
 * DOCKER_LOCATION} names {@code .ci/docker-on-loopback}, as {@code .ci/emulators} does.
 */
final class StartedContainer {
  /** The last version that needs no token; {@code local/localstack} runs the same. */
  static final String VERSION = "4.14.0";

  private StartedContainer() {}

  /** Where the container serves. The first call starts it. */
  static String endpoint() {
    return Running.ENDPOINT;
  }

  private static final class Running {
    static final String ENDPOINT = start();
  }

  private static String start() {
    var ports = freePorts();
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(Localstack.INSTANCE::stop));
    Localstack.INSTANCE.startup(configuration(ports.getFirst(), ports.getLast()));
    return "http://127.0.0.1:" + ports.getFirst();
  }

  static LocalstackDockerConfiguration configuration(int port, int unusedPort) {
    return LocalstackDockerConfiguration.builder().imageName("localstack/localstack").imageTag(VERSION)
        .portEdge(Integer.toString(port)).portElasticSearch(Integer.toString(unusedPort))
        .environmentVariables(Map.of("SERVICES", "dynamodb,secretsmanager", "DISABLE_EVENTS", "1")).build();
  }

  private static List<Integer> freePorts() {
    var loopback = InetAddress.ofLiteral("127.0.0.1");
    try (var one = new ServerSocket(0, 1, loopback); var other = new ServerSocket(0, 1, loopback)) {
      return List.of(one.getLocalPort(), other.getLocalPort());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
