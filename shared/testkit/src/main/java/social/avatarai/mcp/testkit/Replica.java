package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.http.Json;

/**
 * One provider on this machine, on free ports: its authorization server and the MCP server in front of it, as they behave,
 * with the {@link ReplicaControls} beside them.
 */
public final class Replica implements AutoCloseable {
  /** The client that was registered by hand, where clients are. */
  public static final String CLIENT_ID = "replica-client";
  public static final String CLIENT_SECRET = "replica-secret";
  /** The path of that client's redirect URI, at whatever address the service is. */
  public static final String CALLBACK = "/api/mcp/oauth/callback";

  private final FakeProvider provider;
  private final FakeAuthorizationServer authorizationServer;
  private final FakeMcpServer mcpServer;
  private final @Nullable FakeSseServer sseServer;

  private Replica(FakeProvider provider) {
    this.provider = provider;
    authorizationServer = FakeAuthorizationServer.start(provider::turn);
    mcpServer = provider.mcpServer(authorizationServer);
    sseServer = provider == FakeProvider.NEON ? FakeSseServer.atOriginOf(authorizationServer, (_, _) -> {}) : null;
    var controls = new ReplicaControls(authorizationServer, mcpServer.url().substring(mcpServer.origin().length()));
    authorizationServer.http().answerBelow(ReplicaControls.PATH, controls::respond);
    var method = provider.product().authMethod();
    if (method != null)
      authorizationServer.preRegister(FakeClient.confidential(CLIENT_ID, CLIENT_SECRET)
          .acceptingRedirects(uri -> uri.endsWith(CALLBACK)).named("Replica client")
          .authenticatingBy(method.wireName()));
  }

  public static Replica start(FakeProvider provider) {
    return new Replica(provider);
  }

  public FakeProvider provider() {
    return provider;
  }

  /** The {@code mcpId} that belongs to this replica. */
  public String id() {
    return provider.profileName() + "-replica";
  }

  public String issuer() {
    return authorizationServer.issuer();
  }

  /** Where a person can do something to it. */
  public String controls() {
    return authorizationServer.origin() + ReplicaControls.PATH;
  }

  public String mcpUrl() {
    return mcpServer.url();
  }

  public boolean hasSse() {
    return sseServer != null;
  }

  /** The URL of the MCP server over HTTP+SSE, if there is one. */
  public String sseUrl() {
    return Objects.requireNonNull(sseServer).url();
  }

  /** Whether clients are registered by hand. */
  public boolean hasClientByHand() {
    return provider.product().authMethod() != null;
  }

  /** The profile of this replica: the provider's own, at this origin and for this {@code mcpId}. */
  public ObjectNode profile() {
    var document = provider.moved(authorizationServer.origin(), mcpServer.origin());
    document.remove("client_settings");
    document.putArray("server_ids").add(id());
    return document;
  }

  /** The profiles of several replicas in the operator's own, as the setting {@code PROVIDER_PROFILES} has them. */
  public static String profiles(Iterable<Replica> replicas, String operators) {
    var all = operators.isBlank() ? Json.newObject() : Json.object(operators.getBytes(UTF_8)).orElse(null);
    if (all == null) return operators; // It is refused for its own fault.
    for (var replica : replicas)
      all.set(replica.id(), replica.profile());
    return all.toString();
  }

  public FakeAuthorizationServer authorizationServer() {
    return authorizationServer;
  }

  @Override
  public void close() {
    try (authorizationServer; mcpServer) {
      if (sseServer != null) sseServer.close();
    }
  }
}
