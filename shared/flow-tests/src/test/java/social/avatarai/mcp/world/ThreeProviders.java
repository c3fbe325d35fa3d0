package social.avatarai.mcp.world;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.ServerWorld.begun;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.lambda.replay.TestPlatform;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.FakeProvider;
import social.avatarai.mcp.testkit.McpServerKnobs;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Tokens;

/**
 * GitHub, X and Notion, each with an MCP server of the user in front of it that publishes no metadata, and one process of
 * this service that knows all three by the product's own profiles. The user has registered a client at each.
 */
public final class ThreeProviders implements AutoCloseable {
  public static final Caller OWNER = new Caller(new UserId("did:plc:inventedowner0000000000"), false);

  public final FlowWorld world;
  private final FakeProvider gitHub;
  private final Map<FakeProvider, FakeAuthorizationServer> issuers = new EnumMap<>(FakeProvider.class);
  private final Map<FakeProvider, FakeMcpServer> servers = new EnumMap<>(FakeProvider.class);
  private final Map<FakeProvider, Tokens> given = new EnumMap<>(FakeProvider.class);

  /**
   * @param gitHub the kind of client at GitHub
   */
  public ThreeProviders(FakeProvider gitHub) {
    this.gitHub = gitHub;
    world = FlowWorld.start(gitHub::turn, McpServerKnobs::unpublished);
    issuers.put(gitHub, world.authorizationServer);
    servers.put(gitHub, world.mcpServer);
    for (var other : List.of(FakeProvider.X, FakeProvider.NOTION)) {
      var issuer = FakeAuthorizationServer.start(knobs -> other.turn(knobs.clock(world.clock)));
      issuers.put(other, issuer);
      servers.put(other, FakeMcpServer.protectedBy(issuer, McpServerKnobs::unpublished));
    }
    all().forEach(provider -> changeSecret(provider, ProviderWorld.SECRET));
    world.wired(() -> wiring(world.platform, profiles()));
  }

  private Profiles profiles() {
    return FakeProvider.together(
        issuers.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, one -> one.getValue().origin())));
  }

  private static Wiring wiring(TestPlatform platform, Profiles profiles) {
    return new Wiring(Settings.read(platform.environment(), profiles), profiles, platform, platform.journal());
  }

  /** From now on, the process has the product's profiles as they are, and would ask the providers themselves. */
  public void withTheProvidersThemselves() {
    world.wired(() -> wiring(world.platform, Profiles.load()));
    world.restart();
  }

  /** In the order of the document. */
  public List<FakeProvider> all() {
    return List.of(FakeProvider.NOTION, gitHub, FakeProvider.X);
  }

  public FakeAuthorizationServer issuer(FakeProvider provider) {
    return Objects.requireNonNull(issuers.get(provider));
  }

  public FakeMcpServer server(FakeProvider provider) {
    return Objects.requireNonNull(servers.get(provider));
  }

  public static ConnectionId mcpId(FakeProvider provider) {
    return new ConnectionId(provider.product().serverIds().getFirst());
  }

  /** The provider takes this secret of the user's client from now on, and no other. */
  public void changeSecret(FakeProvider provider, String secret) {
    var method = Objects.requireNonNull(provider.product().authMethod()).wireName();
    issuer(provider).preRegister(
        FakeClient.confidential(ProviderWorld.CLIENT, secret, world.base.plainCallback().value())
            .authenticatingBy(method));
  }

  /** Another app connects the three servers with these records. Afterwards {@link #given} has the tokens that it got. */
  public void connectElsewhere(List<ObjectNode> records) {
    try (var platform = new TestPlatform(world.clock)) {
      var flow = wiring(platform, profiles()).flow();
      each(records, (provider, record) -> {
        flow.putServer(OWNER, mcpId(provider), record, world.now());
        given.put(provider, consented(flow, provider, begin(flow, provider)).tokens());
      });
    }
  }

  private void each(List<ObjectNode> records, BiConsumer<FakeProvider, ObjectNode> act) {
    for (var provider : all()) {
      records.stream().filter(record -> record.path("mcpId").asText().equals(mcpId(provider).value()))
          .forEach(record -> act.accept(provider, record));
    }
  }

  /** The tokens that another app has got. */
  public Tokens given(FakeProvider provider) {
    return Objects.requireNonNull(given.get(provider));
  }

  public AuthorizationStarted begin(FakeProvider provider) {
    return begin(world.flow(), provider);
  }

  private AuthorizationStarted begin(Flow flow, FakeProvider provider) {
    return begun(flow.connect(OWNER, mcpId(provider), AuthorizationStart.fresh(), world.now()));
  }

  /** The user consents, and the browser comes back. */
  public CallbackOutcome finish(FakeProvider provider, AuthorizationStarted begun) {
    return finish(world.flow(), provider, begun);
  }

  private CallbackOutcome finish(Flow flow, FakeProvider provider, AuthorizationStarted begun) {
    return flow.callback(ComingBack.with(begun, issuer(provider).approve(begun.authorizationUrl())), deadline());
  }

  private Grant consented(Flow flow, FakeProvider provider, AuthorizationStarted begun) {
    var outcome = finish(flow, provider, begun);
    assertThat(outcome).isInstanceOf(CallbackOutcome.Connected.class);
    return ((CallbackOutcome.Connected) outcome).grant();
  }

  /** A whole flow that succeeds. */
  public Grant connect(FakeProvider provider) {
    return consented(world.flow(), provider, begin(provider));
  }

  public Access access(FakeProvider provider) {
    return world.flow().access(OWNER, new Target.ByConnection(mcpId(provider)), GrantWorld.call("whoami"), deadline());
  }

  public Grant grant(FakeProvider provider) {
    return world.grants().read(new ConnectionKey(OWNER.user(), mcpId(provider))).orElseThrow();
  }

  /** The record as its user sees it. */
  public ObjectNode shown(FakeProvider provider) {
    return world.flow().server(OWNER, mcpId(provider));
  }

  @Override
  public void close() {
    try (world) {
      servers.values().forEach(FakeMcpServer::close);
      issuers.values().forEach(FakeAuthorizationServer::close);
    }
  }
}
