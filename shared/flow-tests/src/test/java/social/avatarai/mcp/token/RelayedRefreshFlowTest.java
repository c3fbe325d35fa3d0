package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.GrantWorld.OTHER;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.invocation;
import static social.avatarai.mcp.world.GrantWorld.refreshTokenOf;

import java.util.List;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.world.GrantWorld;

/**
 * A refresh token that is not stored here. Its refresh is relayed for its owner, and uses no client or secret of
 * another owner.
 */
class RelayedRefreshFlowTest {

  @Test
  void unknownRefreshTokenIsRelayedOnceWithAPublicClientAndNotStored() {
    try (var world = GrantWorld.start(k -> k.refreshWithoutResource())) {
      var token = publicGrantOf(world);
      var relayed = world.refresh(USER, token, new ClientId("invented-client"));
      assertThat(relayed).isInstanceOf(Refreshed.Relayed.class);
      assertThat(world.refreshTokensSent()).containsExactly(token.reveal());
      var request = world.authorizationServer.tokenRequests().getLast();
      assertThat(request.header("authorization")).isEmpty();
      assertThat(request.parameters()).containsOnlyKeys("grant_type", "refresh_token", "client_id");
      assertThat(world.stored.read(new ConnectionKey(USER.user(), world.connection()))).isEmpty();
      assertThat(world.refresh(USER, token, new ClientId("invented-client")))
          .isInstanceOf(Refreshed.InvalidGrant.class);
    }
  }

  /** A refresh token of a public client. USER knows the token, but no grant of USER stores it. */
  private static RefreshToken publicGrantOf(GrantWorld world) {
    world.authorizationServer.preRegister(FakeClient.publicClient("invented-client").acceptingRedirects(_ -> true));
    Grant grant = GrantWorld.connected(world.finish(world.begin(OTHER, new ClientId("invented-client"))));
    return refreshTokenOf(grant);
  }

  @Test
  void unknownRefreshTokenIsNotSentWithARegistrationOfTheDeployment() {
    try (var world = GrantWorld.start()) {
      var others = world.connect(OTHER);
      assertThat(others.client().owner().isDeployment()).isTrue();
      assertThat(world.refresh(USER, refreshTokenOf(others), others.client().id()))
          .isInstanceOf(Refreshed.InvalidGrant.class);
      assertThat(world.refreshTokensSent()).isEmpty();
    }
  }

  @Test
  void unknownRefreshTokenIsNotSentWithTheOperatorsClient() {
    try (var world = GrantWorld.start()) {
      var profile = new Profile(world.issuerId(), List.of(), false, false, false, " ", null, "MCP_INVENTED",
          false);
      world.platform.with("MCP_INVENTED_CLIENT_ID", "operators").with("MCP_INVENTED_CLIENT_SECRET_NAME",
          "test/operator-client/invented");
      var flow = world.processWith(new Profiles(List.of(profile)));
      var what = new What.Token(new RefreshToken("invented-refresh-token"), world.issuerId(),
          new ClientId("operators"));
      assertThat(flow.refresh(USER, what, GrantWorld.inTime())).isInstanceOf(Refreshed.InvalidGrant.class);
      assertThat(world.authorizationServer.tokenRequests()).isEmpty();
    }
  }

  @Test
  void unknownRefreshTokenIsSentWithTheCallersOwnSecretAndNobodyElses() {
    try (var world = GrantWorld.start(k -> k.refreshWithoutResource())) {
      var body = Json.newObject().put("client_name", "invented").put("token_endpoint_auth_method",
          "client_secret_post");
      var answer = world.flow.register(USER,
          new Flow.Registering(new EndpointUrl(world.authorizationServer.origin() + "/register"), null, body),
          invocation());
      var client = new ClientId(answer.path("client_id").asText());
      var token = new RefreshToken("invented-refresh-token");
      assertThat(world.refresh(USER, token, client)).isInstanceOf(Refreshed.InvalidGrant.class);
      assertThatThrownBy(() -> world.refresh(OTHER, token, client)).isInstanceOf(Failure.Refused.class);
      assertThat(world.authorizationServer.tokenRequests())
          .extracting(request -> request.parameters().get("client_secret"))
          .containsExactly(answer.path("client_secret").asText(), null);
    }
  }
}
