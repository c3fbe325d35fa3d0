package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import social.avatarai.mcp.discovery.Profile;

/** The fakes of providers, in the shapes that the providers document or that others have seen. */
class FakeProviderTest {
  private static final String BASIC = "Basic "
      + Base64.getEncoder().encodeToString("client:secret".getBytes(UTF_8));
  private static final Map<String, String> BAD_CODE = Map.of("grant_type", "authorization_code", "code", "bad");
  private static final Map<String, String> BAD_REFRESH = Map.of("grant_type", "refresh_token", "refresh_token", "bad");

  private static FakeAuthorizationServer start(FakeProvider provider) {
    var server = FakeAuthorizationServer.start(provider::turn);
    server.preRegister(FakeClient.confidential("client", "secret", "https://app.example/callback")
        .authenticatingBy(requireNonNull(provider.product().authMethod()).wireName()));
    return server;
  }

  private static Profile moved(FakeProvider provider, FakeAuthorizationServer server) {
    return provider.profiles(server.origin()).all().getFirst();
  }

  /** The two others publish where their endpoints are. */
  @ParameterizedTest
  @EnumSource(names = {"NEON", "NOTION_MCP"}, mode = EnumSource.Mode.EXCLUDE)
  void endpointsAreWhereTheProfileSays(FakeProvider provider) throws Exception {
    try (var server = start(provider)) {
      var profile = moved(provider, server);
      assertThat(profile.issuer().value()).isEqualTo(server.issuer());
      ObjectNode metadata = requireNonNull(profile.metadata());
      var published = Http.get(
          server.origin() + FakeWellKnown.OAUTH_INSERTED.path(server.issuer().substring(server.origin().length())));
      if (provider == FakeProvider.X || provider == FakeProvider.NOTION)
        assertThat(published.statusCode()).isEqualTo(404);
      else
        assertPublishes(Http.body(published), metadata);

      Http.get(metadata.path("authorization_endpoint").asText());
      Http.form(metadata.path("token_endpoint").asText(), Map.of());
      assertThat(server.authorizeRequests()).hasSize(1);
      assertThat(server.tokenRequests()).hasSize(1);
    }
  }

  private static void assertPublishes(JsonNode published, ObjectNode metadata) {
    for (String endpoint : new String[]{"authorization_endpoint", "token_endpoint", "revocation_endpoint"})
      assertThat(published.path(endpoint)).isEqualTo(metadata.path(endpoint));
    assertThat(published.has("registration_endpoint")).isFalse();
  }

  @Test
  void gitHubRefusesWithStatus200AndInAFormUnlessJsonIsAccepted() throws Exception {
    try (var server = start(FakeProvider.GITHUB_APP)) {
      String token = server.issuer() + "/access_token";
      var code = Map.of("grant_type", "authorization_code", "code", "bad", "client_id", "client", "client_secret",
          "secret");
      assertThat(Http.error(Http.form(token, code, "Accept", "application/json")))
          .isEqualTo("200 bad_verification_code");
      assertThat(Http.form(token, code).body()).startsWith("error=bad_verification_code&error_description=");
      var refresh = Map.of("grant_type", "refresh_token", "refresh_token", "bad", "client_id", "client",
          "client_secret", "secret");
      assertThat(Http.error(Http.form(token, refresh, "Accept", "application/json")))
          .isEqualTo("200 bad_refresh_token");
      var wrong = Map.of("grant_type", "refresh_token", "client_id", "client", "client_secret", "wrong");
      assertThat(Http.error(Http.form(token, wrong, "Accept", "application/json")))
          .isEqualTo("200 incorrect_client_credentials");
    }
  }

  @Test
  void gitHubDeletesATokenOnlyWithBasicAndItsMediaType() throws Exception {
    try (var server = start(FakeProvider.GITHUB_OAUTH_APP)) {
      String url = server.origin() + "/applications/client/token";
      String body = "{\"access_token\":\"unknown\"}";
      assertThat(Http.send("POST", url, body).statusCode()).isEqualTo(405);
      assertThat(Http.send("DELETE", url, body, "Authorization", BASIC).statusCode()).isEqualTo(406);
      String[] right = {"Authorization", BASIC, "Accept", "application/vnd.github+json", "Content-Type",
          "application/json"};
      assertThat(Http.send("DELETE", url, body, right).statusCode()).as("unknown token").isEqualTo(404);
      assertThat(Http.send("DELETE", url, "{}", right).statusCode()).isEqualTo(422);
      assertThat(Http.send("DELETE", server.origin() + "/applications/other/token", body, right).statusCode())
          .isEqualTo(404);
    }
  }

  @Test
  void xWantsBasicAndHasOneWordForEveryFault() throws Exception {
    try (var server = start(FakeProvider.X)) {
      String token = server.origin() + "/2/oauth2/token";
      var inTheBody = Map.of("grant_type", "refresh_token", "refresh_token", "bad", "client_id", "client",
          "client_secret", "secret");
      assertThat(Http.form(token, inTheBody)).satisfies(response -> {
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.body()).isEqualTo(
            "{\"error\":\"unauthorized_client\",\"error_description\":\"Missing valid authorization header\"}");
      });
      assertThat(Http.form(token, BAD_REFRESH, "Authorization", BASIC).body()).isEqualTo(
          "{\"error\":\"invalid_request\",\"error_description\":\"Value passed for the token was invalid.\"}");
      assertThat(Http.form(token, BAD_CODE, "Authorization", BASIC).body()).isEqualTo("{\"error\":\"invalid_request\","
          + "\"error_description\":\"Value passed for the authorization code was invalid.\"}");
      assertThat(Http.body(
          Http.form(server.origin() + "/2/oauth2/revoke", Map.of("token", "any"), "Authorization", BASIC)).path(
              "revoked")
          .asBoolean()).isTrue();
    }
  }

  @Test
  void notionTakesJsonWithItsVersionAlone() throws Exception {
    try (var server = start(FakeProvider.NOTION)) {
      String token = server.origin() + "/v1/oauth/token";
      String body = "{\"grant_type\":\"refresh_token\",\"refresh_token\":\"bad\"}";
      String[] right = {"Authorization", BASIC, "Notion-Version", "2025-09-03"};
      assertThat(Http.error(Http.json(token, body, right))).isEqualTo("400 invalid_grant");
      assertThat(Http.error(Http.form(token, BAD_REFRESH, right))).isEqualTo("400 invalid_request");
      assertThat(Http.error(Http.json(token, body, "Authorization", BASIC))).isEqualTo("400 missing_version");
      assertThat(Http.error(Http.json(token, body, "Notion-Version", "2025-09-03"))).isEqualTo("401 invalid_client");
      assertThat(Http.error(Http.json(token, "{\"grant_type\":\"refresh_token\",\"resource\":\"r\"}", right)))
          .isEqualTo("400 invalid_request");
    }
  }

  @Test
  void notionAsksNoUserWithoutOwnerUser() throws Exception {
    try (var server = start(FakeProvider.NOTION)) {
      String url = server.origin() + "/v1/oauth/authorize?client_id=client&response_type=code&state=s"
          + "&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&code_challenge_method=S256&code_challenge="
          + "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
      assertThat(server.approve(url).getQuery()).contains("error=invalid_request").doesNotContain("code=");
      assertThat(server.approve(url + "&owner=user").getQuery()).contains("code=");
    }
  }
}
