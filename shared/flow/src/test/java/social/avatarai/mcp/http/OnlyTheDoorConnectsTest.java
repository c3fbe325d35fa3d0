package social.avatarai.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Only the door opens a connection or looks up a name. One call elsewhere would be enough to bypass the checks.
 *
 * <p>The test reads sources and not classes, so that every module of the repository is checked wherever the test runs.
 */
class OnlyTheDoorConnectsTest {

  private static final Pattern WAY_OUT = Pattern.compile(String.join("|",
      "\\bjava\\.net\\.(\\*|http\\b|Socket\\b|DatagramSocket\\b|MulticastSocket\\b|URL\\b|URLConnection\\b)",
      "\\bjava\\.net\\.Inet[46]?Address\\b", "\\bHttps?URLConnection\\b", "\\.(openConnection|openStream|toURL)\\(",
      "\\b(SSL)?SocketFactory\\b", "\\b(Asynchronous)?(Socket|Datagram)Channel\\b", "\\bjavax\\.naming\\b",
      "\\borg\\.apache\\.(hc|http)\\b", "\\bokhttp3\\b", "\\bio\\.netty\\b",
      "\\bsoftware\\.amazon\\.awssdk\\.http\\b"));

  /** The folder that may use something, what it may use, and why. */
  private record Exemption(String folder, String what, String why) {}

  private static final List<Exemption> EXEMPTIONS = List.of(
      new Exemption("shared/flow/src/main/java/social/avatarai/mcp/http/", ".*", "the door itself"),
      new Exemption("shared/aws/", "software\\.amazon\\.awssdk\\.http", "the SDK's own client, to AWS only"),
      new Exemption("shared/aws/src/main/java/social/avatarai/mcp/aws/AwsConnections.java",
          "Https?URLConnection|\\.(toURL|openConnection)\\(", "the connections of that client"),
      new Exemption("shared/lambda/src/main/java/social/avatarai/mcp/lambda/RehearsalServer.java",
          "java\\.net\\.(InetAddress|Socket)", "the other side: what a rehearsal calls on loopback"),
      new Exemption("shared/testkit/", ".*", "fakes and a browser for tests, in no function's archive"),
      new Exemption("local/", "java\\.net\\.InetAddress", "the address that the local server binds to"),
      new Exemption("local/src/main/java/social/avatarai/mcp/local/LambdaProcess.java", "java\\.net\\.http.*",
          "the runtime interface emulator that the runner itself has started on loopback"));

  @Test
  void onlyTheDoorOpensAConnection() throws IOException {
    var offenders = new ArrayList<String>();
    for (Path source : sources()) {
      String name = root().relativize(source).toString();
      WAY_OUT.matcher(Files.readString(source)).results().map(MatchResult::group).filter(what -> !isExempt(name, what))
          .forEach(what -> offenders.add(name + ": " + what));
    }

    assertThat(offenders).isEmpty();
  }

  private static boolean isExempt(String name, String what) {
    return EXEMPTIONS.stream().anyMatch(e -> name.startsWith(e.folder()) && what.matches(e.what()));
  }

  @Test
  void readsTheSourcesItJudges() throws IOException {
    var names = sources().stream().map(source -> root().relativize(source).toString()).toList();

    assertThat(names).contains("shared/flow/src/main/java/social/avatarai/mcp/EndpointUrl.java",
        "shared/flow/src/main/java/social/avatarai/mcp/http/OutboundDoor.java");
  }

  @ParameterizedTest
  @ValueSource(strings = {"import java.net.http.HttpClient;", "import java.net.*;", "import java.net.Socket;",
      "new java.net.Socket(host, 80)", "import java.net.HttpURLConnection;", "(HttpsURLConnection) x",
      "url.openStream()",
      "uri.toURL().openConnection()", "import java.net.InetAddress;",
      "import java.net.Inet6Address;", "SSLSocketFactory.getDefault()", "import org.apache.hc.client5.http.HttpRoute;",
      "import static org.apache.hc.core5.http.HttpStatus.SC_OK;", "import java.nio.channels.SocketChannel;",
      "import software.amazon.awssdk.http.SdkHttpClient;"})
  void seesAWayOut(String line) {
    assertThat(WAY_OUT.matcher(line).find()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"import java.net.URI;", "import java.net.URISyntaxException;", "import java.net.URLEncoder;",
      "import java.net.URLDecoder;", "import java.net.InetSocketAddress;", "import social.avatarai.mcp.http.Outbound;",
      "import com.sun.net.httpserver.HttpServer;",
      "import software.amazon.awssdk.services.dynamodb.DynamoDbClient;"})
  void seesNoneWhereThereIsNone(String line) {
    assertThat(WAY_OUT.matcher(line).find()).isFalse();
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.walk(root())) {
      return files.filter(file -> file.toString().endsWith(".java"))
          .filter(file -> root().relativize(file).toString()
              .matches("(shared|functions)/[^/]+/src/main/.*|local/(.*/)?src/main/.*"))
          .toList();
    }
  }

  /** The root of the repository: the nearest parent folder that has the build's settings. */
  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve(".mvn")))
      folder = folder.getParent();
    if (folder == null) throw new IllegalStateException("run inside the repository");
    return folder;
  }
}
