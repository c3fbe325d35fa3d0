package social.avatarai.mcp.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkClientException;

/** The stores of AWS speak TLS, and those of all other tests do not. */
class AwsClientsTlsTest {
  private static final String PASSWORD = "for-a-test-only";

  @TempDir
  private static Path folder;

  private static Path certificate;
  private static HttpsServer server;

  /** A process whose JDK trusts the authorities of its system properties, as it reads them once. */
  static final class Caller {
    private Caller() {}

    public static void main(String[] arguments) {
      try (var client = AwsClients.dynamoDbAt(URI.create(arguments[0]))) {
        System.out.println(client.listTables().tableNames());
      } catch (SdkClientException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @BeforeAll
  static void start() throws Exception {
    certificate = folder.resolve("localhost.p12");
    run(List.of(tool("keytool"), "-genkeypair", "-alias", "test", "-keyalg", "EC", "-dname", "CN=localhost", "-ext",
        "san=dns:localhost", "-validity", "2", "-storetype", "PKCS12", "-keystore", certificate.toString(),
        "-storepass",
        PASSWORD));
    server = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(shown()));
    server.createContext("/", exchange -> {
      byte[] tables = "{\"TableNames\":[\"of-the-test\"]}".getBytes(UTF_8);
      exchange.sendResponseHeaders(200, tables.length);
      exchange.getResponseBody().write(tables);
      exchange.close();
    });
    server.start();
  }

  @AfterAll
  static void stop() {
    server.stop(0);
  }

  private static SSLContext shown() throws Exception {
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    var store = KeyStore.getInstance(certificate.toFile(), PASSWORD.toCharArray());
    keys.init(store, PASSWORD.toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private static String tool(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) throw new IOException(output);
    return output;
  }

  private String called(String host, String... properties) throws Exception {
    var command = new ArrayList<>(List.of(tool("java"), "-XX:TieredStopAtLevel=1", "-cp",
        System.getProperty("java.class.path")));
    command.addAll(List.of(properties));
    command.addAll(List.of(Caller.class.getName(), "https://" + host + ":" + server.getAddress().getPort()));
    return run(command);
  }

  private String[] trusted() {
    return new String[]{"-Djavax.net.ssl.trustStore=" + certificate, "-Djavax.net.ssl.trustStorePassword=" + PASSWORD};
  }

  @Test
  void storeWithATrustedCertificateIsCalled() throws Exception {
    assertThat(called("localhost", trusted())).contains("[of-the-test]");
  }

  @Test
  void storeWithACertificateOfAnUnknownAuthorityIsRefused() throws Exception {
    assertThat(called("localhost")).contains("PKIX path building failed").doesNotContain("of-the-test");
  }

  @Test
  void storeWithTheCertificateOfAnotherNameIsRefused() throws Exception {
    assertThat(called("127.0.0.1", trusted())).contains("No subject alternative names matching IP address 127.0.0.1")
        .doesNotContain("of-the-test");
  }
}
