package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;

import com.fasterxml.jackson.core.JsonPointer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.discovery.AccountSource;
import social.avatarai.mcp.discovery.AccountSource.Kind;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.discovery.ProviderRequests;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.Account;
import social.avatarai.mcp.world.FlowWorld;

/** A profile says where its provider names the account. */
class AccountOfProfileFlowTest {
  private final FlowWorld world = FlowWorld.start();

  @AfterEach
  void close() {
    world.close();
  }

  private void profile(Kind kind, @Nullable String url, String id, String label) {
    var account = new AccountSource(kind, url == null ? null : new EndpointUrl(url),
        List.of(JsonPointer.compile(id)), List.of(JsonPointer.compile(label)));
    var profiles = new Profiles(List.of(new Profile(new Issuer(world.authorizationServer.issuer()), List.of(), false,
        false, false, " ", ClientAuthenticationMethod.NONE, null, false, List.of(), false, List.of(), null,
        ProviderRequests.STANDARD, account)));
    world.wired(() -> new Wiring(Settings.read(world.platform.environment(), profiles), profiles, world.platform,
        world.platform.journal()));
  }

  private void owner(String id) {
    var owner = Json.newObject();
    owner.putObject("user").put("id", id).put("name", "Person of " + id);
    world.authorizationServer.adjust(knobs -> knobs.tokenResponse("owner", owner));
  }

  private @Nullable Account account() {
    return world.flow().connection(USER, world.connection()).account();
  }

  /** Notion's way. */
  @Test
  void memberOfTheTokenResponseIsTheAccount() {
    profile(Kind.TOKEN_RESPONSE, null, "/owner/user/id", "/owner/user/name");
    owner("u-1");
    world.connect();
    assertThat(account()).isEqualTo(new Account("u-1", "Person of u-1"));
    owner("u-2");
    var begun = world.begin();
    assertThat(world.callback(begun, world.approve(begun))).isEqualTo(world.failed(ErrorCode.ACCOUNT_CHANGED));
    assertThat(account()).isEqualTo(new Account("u-1", "Person of u-1"));
  }

  /** GitHub's and X's way: one request, to the URL in the profile alone, with the token that was just given. */
  @Test
  void urlOfTheProfileIsAskedOnceWithTheNewToken() {
    try (var api = LoopbackHttp.start(_ -> Response.json(200, Json.newObject().put("id", 17).put("login", "alice")))) {
      profile(Kind.USERINFO, api.url() + "/user", "/id", "/login");
      var grant = world.connect();
      assertThat(account()).isEqualTo(new Account("17", "alice"));
      assertThat(api.requests()).singleElement().satisfies(request -> {
        assertThat(request.path()).isEqualTo("/user");
        assertThat(request.header("authorization")).contains("Bearer " + grant.tokens().accessToken().reveal());
      });
    }
  }

  /** Google's way, where a token response comes without the ID token. */
  @Test
  void withoutAnIdTokenTheUserInfoEndpointOfTheMetadataIsAskedForTheSameClaims() {
    profile(Kind.ID_TOKEN, null, "/sub", "/email");
    world.authorizationServer.adjust(knobs -> knobs.accounts(
        accounts -> accounts.signedIn("alice").userinfo(claims -> claims.put("email", "alice@example.com"))));
    world.connect(USER, FlowWorld.requesting("openid files"));
    assertThat(account()).isEqualTo(new Account("alice", "alice@example.com"));
  }

  @Test
  void answerWithoutTheMemberCostsNoConsent() {
    try (var api = LoopbackHttp.start(_ -> Response.html(200, "<p>hello</p>"))) {
      profile(Kind.USERINFO, api.url() + "/user", "/id", "/login");
      world.connect();
      assertThat(account()).isNull();
    }
  }
}
