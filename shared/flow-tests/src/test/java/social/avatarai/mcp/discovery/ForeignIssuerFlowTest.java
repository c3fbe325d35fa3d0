package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.Browsers.sent;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;

/**
 * A server that names an issuer on another site, and an issuer whose endpoints are on another site. In these tests,
 * {@code localhost} and {@code 127.0.0.1} are two sites: the honest issuer is at {@code localhost}, and the server at
 * {@code 127.0.0.1}.
 */
class ForeignIssuerFlowTest {
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld registry = new ServerWorld(world);

  @BeforeEach
  void placeTheServerOnAnotherSite() {
    String metadata = foreign(world.mcpServer.origin()) + "/.well-known/oauth-protected-resource/mcp";
    world.mcpServer.adjust(knobs -> knobs.resource(server().value()).resourceMetadata(metadata));
  }

  @AfterEach
  void close() {
    world.close();
  }

  private static String foreign(String url) {
    return url.replace("localhost", "127.0.0.1");
  }

  private EndpointUrl server() {
    return new EndpointUrl(foreign(world.mcpServer.url()));
  }

  private AuthorizationStarted begin() {
    return world.begin(USER, server(), AuthorizationStart.fresh());
  }

  /** The issuer lists these resources in its metadata. */
  private void listing(Object resources) {
    world.authorizationServer.adjust(knobs -> knobs.metadata("protected_resources", resources));
  }

  private FlowWorld bound() {
    return world.with("ISSUER_BINDINGS", server().origin() + "=" + world.authorizationServer.issuer());
  }

  /** A process with these profiles. */
  private void profiled(Profile... profiles) {
    var known = new Profiles(List.of(profiles));
    world.wired(() -> new Wiring(Settings.read(world.platform.environment(), known), known, world.platform,
        world.platform.journal()));
  }

  private static Profile profile(String issuer, String origin) {
    return new Profile(new Issuer(issuer), List.of(origin), false, false, false, " ", null, null, false);
  }

  /** A hostile issuer, at the site of the server. All its endpoints are those of the honest issuer. */
  private FakeAuthorizationServer hostileIssuer() {
    String honest = world.authorizationServer.issuer();
    var hostile = FakeAuthorizationServer.start(knobs -> List.of("authorize", "token", "register", "revoke")
        .forEach(path -> knobs.metadata(member(path), foreign(honest) + "/" + path)));
    world.mcpServer.adjust(knobs -> knobs.authorizationServers(hostile.issuer()).resource(world.mcpServer.url())
        .resourceMetadata(world.mcpServer.origin() + "/.well-known/oauth-protected-resource/mcp"));
    return hostile;
  }

  private static String member(String path) {
    return switch (path) {
      case "authorize" -> "authorization_endpoint";
      case "token" -> "token_endpoint";
      case "register" -> "registration_endpoint";
      case "par" -> "pushed_authorization_request_endpoint";
      default -> "revocation_endpoint";
    };
  }

  @Test
  void serverThatNamesAnHonestIssuerOfAnotherSiteIsWarnedOfBeforeConsentAndOnItsConnection() {
    var begun = begin();
    assertThat(begun.warnings()).containsExactly(Warning.FOREIGN_ISSUER);
    assertThat(begun.trusted().issuer()).hasToString(world.authorizationServer.issuer());
    assertThat(begun.trusted().resource()).hasToString(server().value());
    assertThat(world.authorizationServer.authorizeRequests()).isEmpty();
    assertThat(world.connect(USER, server(), AuthorizationStart.fresh()).warnings())
        .containsExactly(Warning.FOREIGN_ISSUER);
    assertThat(connectionsWarnings()).containsExactly(Warning.FOREIGN_ISSUER);
  }

  private List<Warning> connectionsWarnings() {
    var warnings = new ArrayList<Warning>();
    world.flow().connections(USER, null, 10).connections().forEach(one -> warnings.addAll(one.warnings()));
    return warnings;
  }

  @Test
  void connectAndTheStartThatAnAccessBeginsSayTheSame() {
    registry.put(ServerWorld.record(server().value()));
    var connecting = registry.begin();
    assertThat(connecting.warnings()).containsExactly(Warning.FOREIGN_ISSUER);
    var needed = (Access.ConsentNeeded) world.flow().access(USER, new Target.ByUrl(server()), GrantWorld.listTools(),
        deadline());
    var starting = world.flow().consent(USER, needed.resource(), AuthorizationStart.fresh(), world.now());
    assertThat(starting.warnings()).containsExactly(Warning.FOREIGN_ISSUER);
    assertThat(starting.trusted()).isEqualTo(connecting.trusted());
  }

  @Test
  void operatorWhoRefusesForeignIssuersHasNothingRegisteredAndNoBrowserSent() {
    world.with("FOREIGN_ISSUERS", "refuse");
    registry.put(ServerWorld.record(server().value()));
    assertThatThrownBy(() -> begin()).hasMessageContainingAll("another site than the resource", "ISSUER_BINDINGS");
    assertFails(ErrorCode.FOREIGN_ISSUER, () -> begin());
    assertFails(ErrorCode.FOREIGN_ISSUER, () -> registry.connect(USER));
    assertThat(world.flow().connection(USER, MCP_ID).cause()).isEqualTo("foreign_issuer");
    world.assertNothingBegan();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/"})
  void issuerThatListsTheResourceIsNotForeign(String slash) {
    world.with("FOREIGN_ISSUERS", "refuse");
    listing(List.of("https://other.example/mcp", server() + slash));
    assertThat(begin().warnings()).isEmpty();
  }

  @Test
  void issuerThatListsOnlyOtherResourcesIsForeign() {
    for (Object listed : new Object[]{List.of(), List.of(world.mcpServer.url()), List.of(server() + "/below", "no URL"),
        List.of(server().origin()), server().value()}) {
      listing(listed);
      world.restart();
      assertThat(begin().warnings()).as("%s", listed).containsExactly(Warning.FOREIGN_ISSUER);
    }
  }

  @Test
  void issuerThatTheOperatorBindsToTheServersOriginIsNotForeign() {
    bound().with("FOREIGN_ISSUERS", "refuse");
    assertThat(begin().warnings()).isEmpty();
  }

  @Test
  void issuerThatAProfileBindsToTheServersOriginIsNotForeign() {
    world.with("FOREIGN_ISSUERS", "refuse");
    profiled(profile(world.authorizationServer.issuer(), server().origin()));
    assertThat(begin().warnings()).isEmpty();
  }

  @Test
  void serverAndIssuerOfOneSiteAreNotForeignWhateverTheirPorts() {
    world.with("FOREIGN_ISSUERS", "refuse");
    world.mcpServer.adjust(knobs -> knobs.resource(world.mcpServer.url())
        .resourceMetadata(world.mcpServer.origin() + "/.well-known/oauth-protected-resource/mcp"));
    assertThat(world.connect().warnings()).isEmpty();
  }

  @Test
  void issuerWhoseEndpointsAllLieAtAnHonestOneIsWarnedOfBeforeConsent() {
    try (var hostile = hostileIssuer()) {
      var begun = world.begin();
      assertThat(begun.trusted().issuer()).hasToString(hostile.issuer());
      assertThat(begun.authorizationUrl()).startsWith(foreign(world.authorizationServer.issuer()) + "/authorize?");
      assertThat(begun.warnings()).containsExactly(Warning.FOREIGN_ENDPOINTS);
    }
  }

  @Test
  void operatorWhoRefusesForeignIssuersRegistersNothingAtTheEndpointsOfAnHonestOne() {
    world.with("FOREIGN_ISSUERS", "refuse");
    try (var hostile = hostileIssuer()) {
      assertFails(ErrorCode.FOREIGN_ISSUER, () -> world.begin());
      assertThatThrownBy(() -> world.begin()).hasMessageContaining("An endpoint of the authorization server");
      assertThat(hostile.registrations()).isEmpty();
      world.assertNothingBegan();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"authorize", "token", "register", "revoke", "par"})
  void eachEndpointThatWeUseCounts(String path) {
    listing(List.of(server().value()));
    world.authorizationServer.adjust(
        knobs -> knobs.metadata(member(path), foreign(world.authorizationServer.issuer()) + "/" + path));
    assertThat(world.connect(USER, server(), AuthorizationStart.fresh()).warnings())
        .containsExactly(Warning.FOREIGN_ENDPOINTS);
    assertThat(connectionsWarnings()).containsExactly(Warning.FOREIGN_ENDPOINTS);
  }

  @Test
  void endpointsThatWeDoNotUseDoNotCount() {
    listing(List.of(server().value()));
    world.authorizationServer.adjust(knobs -> knobs.metadata("jwks_uri", "https://keys.example/jwks")
        .metadata("introspection_endpoint", "https://as.example/introspect")
        .metadata("revocation_endpoint", "ftp://as.example/revoke"));
    assertThat(begin().warnings()).isEmpty();
  }

  @Test
  void bothAreSaidWhereBothAreForeign() {
    world.authorizationServer
        .adjust(knobs -> knobs.metadata("token_endpoint", foreign(world.authorizationServer.issuer()) + "/token"));
    assertThat(begin().warnings()).containsExactlyInAnyOrder(Warning.FOREIGN_ISSUER, Warning.FOREIGN_ENDPOINTS);
  }

  @Test
  void endpointsOfAnIssuerThatTheOperatorBindsAreSaidButNotRefused() {
    bound().with("FOREIGN_ISSUERS", "refuse");
    world.authorizationServer
        .adjust(knobs -> knobs.metadata("token_endpoint", foreign(world.authorizationServer.issuer()) + "/token"));
    assertThat(begin().warnings()).containsExactly(Warning.FOREIGN_ENDPOINTS);
  }

  /** A profile's issuer is used for the origins of the profile only. */
  @Test
  void serverOfAnotherOriginCannotNameTheIssuerOfAProfile() {
    profiled(profile(world.authorizationServer.issuer(), "https://mcp.example"));
    assertFails(ErrorCode.ISSUER_NOT_BOUND, () -> begin());
    world.assertNothingBegan();
    bound().restart();
    assertThat(begin().warnings()).isEmpty();
  }

  private void profiledWithMetadata(FakeAuthorizationServer issuer) {
    String document = """
        {'example':{'issuer':'%1$s','pkce_assumed':true,'resource_origins':['%2$s'],'metadata':{
        'authorization_endpoint':'%1$s/authorize','token_endpoint':'%1$s/token','registration_endpoint':'%1$s/register'}}}"""
        .formatted(issuer.issuer(), server().origin());
    world.with("PROVIDER_PROFILES", document.replace('\'', '"'));
  }

  /** The converse: the origins of a profile with metadata are served by its issuer only. */
  @Test
  void serverAtTheOriginOfAProfileWithMetadataCannotNameAnotherIssuer() {
    try (var other = FakeAuthorizationServer.start()) {
      profiledWithMetadata(other);
      assertFails(ErrorCode.ISSUER_NOT_BOUND, () -> beginAt(world.authorizationServer.issuer()));
      world.assertNothingBegan();
      assertThat(begin().trusted().issuer()).as("the profile's issuer takes its place").hasToString(other.issuer());
      bound().restart();
      assertThat(begin().trusted().issuer()).hasToString(world.authorizationServer.issuer());
      assertThat(sent(beginAt(other.issuer())).parameters()).containsEntry("resource", server().value());
    }
  }

  private AuthorizationStarted beginAt(String issuer) {
    return world.begin(USER, server(), FlowWorld.at(issuer));
  }
}
