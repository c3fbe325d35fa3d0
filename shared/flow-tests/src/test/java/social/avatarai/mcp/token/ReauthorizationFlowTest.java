package social.avatarai.mcp.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.inTime;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.world.GrantWorld;

/** A grant can come to need a new consent in several ways. Each of these ways is logged, exactly once. */
class ReauthorizationFlowTest {
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final GrantWorld world = GrantWorld.start();

  @BeforeEach
  void connect() {
    world.platform.loggingTo(new PrintStream(log, true, UTF_8));
    world.connect(USER);
  }

  @AfterEach
  void close() {
    world.close();
  }

  private void assertEndsWith(String detail) {
    var process = world.anotherProcess();
    assertThat(refresh(process)).isInstanceOf(Refreshed.ConsentNeeded.class);
    assertThat(world.grantOf(USER).state().needsReauthorization()).isTrue();
    assertThat(refresh(process)).isInstanceOf(Refreshed.ConsentNeeded.class);
    assertThat(refresh(world.anotherProcess())).isInstanceOf(Refreshed.ConsentNeeded.class);
    assertThat(entries()).singleElement(STRING).contains("\"detail\":\"" + detail + "\"",
        "\"connection\":\"" + world.connection() + "\"");
  }

  private Refreshed refresh(Flow process) {
    return process.refresh(USER, new What.Stored(world.connection()), inTime());
  }

  private List<String> entries() {
    return log.toString(UTF_8).lines().filter(line -> line.contains("\"event\":\"reauthorization_required\""))
        .toList();
  }

  private void assertWaits() {
    assertThat(refresh(world.anotherProcess())).isInstanceOf(Refreshed.Later.class);
    assertThat(entries()).isEmpty();
    world.clock.advance(Duration.ofMinutes(15));
  }

  @Test
  void deadGrantIsLogged() {
    world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_grant"));
    assertEndsWith("refresh_refused");
  }

  @Test
  void clientThatTheIssuerHasForgottenIsLogged() {
    world.authorizationServer.forgetRegisteredClients();
    assertEndsWith("client_forgotten");
  }

  @ParameterizedTest
  @CsvSource({"400, something_odd", "403, access_denied"})
  void secondRefusalIsLogged(int status, String error) {
    world.authorizationServer.tokenEndpoint().next(Response.error(status, error), Response.error(status, error));
    assertWaits();
    assertEndsWith("refresh_refused");
  }

  @Test
  void accessTokenForAnotherResourceIsLogged() {
    String claims = Base64.getUrlEncoder().withoutPadding()
        .encodeToString("{\"aud\":\"https://other.example\"}".getBytes(UTF_8));
    world.authorizationServer.tokenEndpoint().next(Response.json(200,
        Json.newObject().put("access_token", "e30." + claims + ".c2ln").put("token_type", "Bearer")));
    assertEndsWith("audience_mismatch");
  }

  @Test
  void tokenEndpointOnAnotherSiteIsLogged() {
    String endpoint = world.authorizationServer.issuer().replace("localhost", "127.0.0.1") + "/elsewhere";
    world.authorizationServer.adjust(knobs -> knobs.metadata("token_endpoint", endpoint));
    world.authorizationServer.tokenEndpoint().next(Response.of(404), Response.of(404));
    assertWaits();
    assertEndsWith("token_endpoint_moved");
  }
}
