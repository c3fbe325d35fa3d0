package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.FailureAssert.assertBroken;
import static social.avatarai.mcp.FailureAssert.assertFails;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.MovableClock;
import social.avatarai.mcp.ScriptedOutbound;
import social.avatarai.mcp.discovery.Discovery.Probe;
import social.avatarai.mcp.http.HttpResponse;

class DiscoveryOfServerTest {
  private static final Issuer ISSUER = new Issuer("https://auth.example/realms/x");
  private static final String OAUTH = "https://auth.example/.well-known/oauth-authorization-server/realms/x";
  private static final String OPENID_INSERTED = "https://auth.example/.well-known/openid-configuration/realms/x";
  private static final String OPENID_APPENDED = "https://auth.example/realms/x/.well-known/openid-configuration";
  private static final Deadline DEADLINE = Deadline.in(Duration.ofMinutes(1));

  private final ScriptedOutbound world = new ScriptedOutbound();
  private final Discovery discovery = new Discovery(world, new MetadataCache(new MovableClock()), new MovableClock());

  @Test
  void looksInTheOrderOfTheSpecification() {
    world.responding(OPENID_APPENDED, metadata(ISSUER));

    assertThat(discover().metadataUrl()).isEqualTo(new EndpointUrl(OPENID_APPENDED));
    assertThat(world.asked()).containsExactly(OAUTH, OPENID_INSERTED, OPENID_APPENDED);
  }

  @Test
  void doesNotGoOnFromADocumentOfAnotherIssuer() {
    world.responding(OAUTH, metadata(new Issuer("https://auth.example"))).responding(OPENID_APPENDED, metadata(ISSUER));

    assertBroken(ErrorCode.ISSUER_MISMATCH, this::discover);
    assertThat(world.asked()).containsExactly(OAUTH);
  }

  @Test
  void passesOverAPageInTheDocumentsPlace() {
    world.responding(OAUTH, HttpResponses.html(200)).responding(OPENID_INSERTED, HttpResponses.html(403)).responding(
        OPENID_APPENDED,
        metadata(ISSUER));

    assertThat(discover().metadata().issuer()).isEqualTo(ISSUER);
  }

  @Test
  void saysSoWhereThereIsNone() {
    assertFails(Failure.Unknown.class, ErrorCode.ISSUER_METADATA_NOT_FOUND, this::discover);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500})
  void doesNotSayThatThereIsNoneWhereAServerIsUnavailable(int status) {
    world.responding(OPENID_INSERTED, HttpResponses.html(status));

    assertFails(Failure.Unreachable.class, ErrorCode.UPSTREAM_UNREACHABLE, this::discover);
    assertThat(world.asked()).containsExactly(OAUTH, OPENID_INSERTED, OPENID_APPENDED);
  }

  @Test
  void asksOnceWhileTheMetadataIsCached() {
    world.responding(OAUTH, metadata(ISSUER));

    assertThat(discover()).isEqualTo(discover());
    assertThat(world.asked()).containsExactly(OAUTH);
  }

  @Test
  void asksAgainWhereThereWasNone() {
    assertFails(Failure.Unknown.class, ErrorCode.ISSUER_METADATA_NOT_FOUND, this::discover);
    world.responding(OAUTH, metadata(ISSUER));

    assertThat(discover().metadata().issuer()).isEqualTo(ISSUER);
  }

  @Test
  void letsTheDefaultEndpointsStandInForTheMetadataOfALegacyServer() {
    var server = discovery.authorizationServer(legacy(), new Issuer("https://old.example"), DEADLINE);

    assertThat(server.metadata().tokenEndpoint().value()).isEqualTo("https://old.example/token");
    assertThat(world.asked()).endsWith("https://old.example/.well-known/oauth-authorization-server",
        "https://old.example/.well-known/openid-configuration");
  }

  @Test
  void believesTheMetadataOfALegacyServerThatHasSome() {
    var issuer = new Issuer("https://old.example");
    world.responding("https://old.example/.well-known/oauth-authorization-server", metadata(issuer));

    assertThat(discovery.authorizationServer(legacy(), issuer, DEADLINE).metadata().tokenEndpoint().value())
        .isEqualTo("https://old.example/t");
  }

  @Test
  void letsNothingStandInForMetadataThatFailsItsCheck() {
    world.responding("https://old.example/.well-known/oauth-authorization-server",
        metadata(new Issuer("https://evil.example")));

    assertBroken(ErrorCode.ISSUER_MISMATCH,
        () -> discovery.authorizationServer(legacy(), new Issuer("https://old.example"), DEADLINE));
  }

  @Test
  void letsNothingStandInForMetadataThatCannotBeHadNow() {
    world.responding("https://old.example/.well-known/oauth-authorization-server", HttpResponses.html(503));

    assertFails(Failure.Unreachable.class, ErrorCode.UPSTREAM_UNREACHABLE,
        () -> discovery.authorizationServer(legacy(), new Issuer("https://old.example"), DEADLINE));
  }

  @Test
  void letsNothingStandInForMetadataWhereTheServerHasResourceMetadata() {
    world.responding("https://mcp.example/.well-known/oauth-protected-resource", HttpResponses.json(200,
        "{'resource':'https://mcp.example','authorization_servers':['https://auth.example/realms/x']}"));
    var resource = discovery.resource(new EndpointUrl("https://mcp.example"),
        new Probe(401, Challenge.answerable(List.of())), DEADLINE);

    assertFails(Failure.Unknown.class, ErrorCode.ISSUER_METADATA_NOT_FOUND,
        () -> discovery.authorizationServer(resource, ISSUER, DEADLINE));
  }

  private DiscoveredServer discover() {
    return discovery.authorizationServer(ISSUER, DEADLINE);
  }

  private DiscoveredResource legacy() {
    return discovery.resource(new EndpointUrl("https://old.example/sse"),
        new Probe(401, Challenge.answerable(List.of())), DEADLINE);
  }

  private static HttpResponse metadata(Issuer issuer) {
    return HttpResponses.json(200, "{'issuer':'" + issuer + "','authorization_endpoint':'" + issuer
        + "/a','token_endpoint':'" + issuer + "/t'}");
  }
}
