package social.avatarai.mcp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.OutboundRequest;

/** The responses of the replicas, member by member, where they differ from what a conformant server sends. */
class ReplicaShapesTest {
  private static final String WELL_KNOWN = "/.well-known/oauth-protected-resource";
  private static final String CALLBACK = "https://app.example/callback";
  private static final String VERIFIER = "invented-verifier-000000000000000000000000000";

  private final FixedClock clock = FixedClock.started();

  /** Talks to an authorization server. */
  @FunctionalInterface
  private interface Talk {
    void with(FakeAuthorizationServer server) throws Exception;
  }

  /** Talks to an authorization server and to the MCP server in front of it. */
  @FunctionalInterface
  private interface TalkToBoth {
    void with(FakeAuthorizationServer issuer, FakeMcpServer server) throws Exception;
  }

  private void play(FakeProvider provider, Talk talk) throws Exception {
    try (var server = FakeAuthorizationServer.start(knobs -> provider.turn(knobs.clock(clock)))) {
      talk.with(server);
    }
  }

  private void serve(FakeProvider provider, TalkToBoth talk) throws Exception {
    play(provider, issuer -> {
      try (var server = provider.mcpServer(issuer)) {
        talk.with(issuer, server);
      }
    });
  }

  private static ObjectNode registration(String method) {
    var document = Json.newObject().put("client_name", "Invented").put("token_endpoint_auth_method", method);
    document.putArray("redirect_uris").add(CALLBACK);
    document.putArray("grant_types").add("authorization_code").add("refresh_token");
    document.putArray("response_types").add("code");
    return document;
  }

  private static JsonNode registered(FakeAuthorizationServer server, String path, String method) throws Exception {
    return Http.body(Http.json(server.origin() + path, registration(method).toString()));
  }

  private static Map<String, String> client(JsonNode registered) {
    var form = new LinkedHashMap<String, String>();
    form.put("client_id", registered.path("client_id").asText());
    form.put("client_secret", registered.path("client_secret").asText());
    return form;
  }

  private static JsonNode tokens(FakeAuthorizationServer server, String prefix, Map<String, String> client)
      throws Exception {
    var asked = new LinkedHashMap<String, String>();
    asked.put("response_type", "code");
    asked.put("client_id", client.get("client_id"));
    asked.put("redirect_uri", CALLBACK);
    asked.put("state", "short");
    asked.put("code_challenge", Digest.sha256Base64Url(VERIFIER));
    asked.put("code_challenge_method", "S256");
    var redirect = server.approve(server.origin() + prefix + "/authorize?" + OutboundRequest.formBody(asked));
    assertThat(redirect).asString().startsWith(CALLBACK);
    var form = new LinkedHashMap<>(client);
    form.put("grant_type", "authorization_code");
    form.put("code", new Received("GET", "", redirect.getRawQuery(), Map.of(), "").parameters().get("code"));
    form.put("redirect_uri", CALLBACK);
    form.put("code_verifier", VERIFIER);
    return Http.body(Http.form(server.origin() + prefix + "/token", form));
  }

  private static HttpResponse<String> refresh(String url, Map<String, String> client, String token) throws Exception {
    var form = new LinkedHashMap<>(client);
    form.put("grant_type", "refresh_token");
    form.put("refresh_token", token);
    return Http.form(url, form);
  }

  @Test
  void neonRegistersWith200AndASecretEvenForAPublicClient() throws Exception {
    play(FakeProvider.NEON, neon -> {
      String url = neon.origin() + "/api/register";
      for (String method : new String[]{"none", "client_secret_post"}) {
        var response = Http.json(url, registration(method).toString());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(Http.body(response).fieldNames()).toIterable().containsExactlyInAnyOrder("client_id",
            "client_secret", "client_name", "redirect_uris", "token_endpoint_auth_method");
        assertThat(Http.body(response).path("client_id").asText()).hasSize(8);
        assertThat(Http.body(response).path("client_secret").asText()).hasSize(32);
      }
      for (String member : new String[]{"client_name", "redirect_uris", "grant_types", "response_types"}) {
        var less = registration("none");
        less.remove(member);
        assertThat(Http.error(Http.json(url, less.toString()))).as(member).isEqualTo("400 invalid_request");
      }
    });
  }

  @Test
  void neonPublishesItsOwnPathsAndNoMoreThanItHas() throws Exception {
    play(FakeProvider.NEON, neon -> {
      var metadata = Http.body(Http.get(neon.origin() + "/.well-known/oauth-authorization-server"));
      for (String endpoint : new String[]{"authorization:/api/authorize", "token:/api/token", "revocation:/api/revoke",
          "registration:/api/register"})
        assertThat(metadata.path(endpoint.substring(0, endpoint.indexOf(':')) + "_endpoint").asText())
            .isEqualTo(neon.origin() + endpoint.substring(endpoint.indexOf(':') + 1));
      assertThat(metadata.path("scopes_supported").toString()).isEqualTo("[\"read\",\"write\",\"*\"]");
      assertThat(metadata.has("client_id_metadata_document_supported")).isFalse();
      assertThat(metadata.has("authorization_response_iss_parameter_supported")).isFalse();
      assertThat(Http.get(neon.origin() + "/.well-known/openid-configuration").statusCode()).isEqualTo(404);
    });
  }

  @Test
  void neonRepeatsARefreshForDaysWithALifeThatHasEnded() throws Exception {
    play(FakeProvider.NEON, neon -> {
      var client = client(registered(neon, "/api/register", "client_secret_post"));
      var first = tokens(neon, "/api", client);
      assertThat(first.path("token_type").asText()).isEqualTo("bearer");
      assertThat(first.path("scope").asText()).isEqualTo("read write");
      String old = first.path("refresh_token").asText();
      var second = Http.body(refresh(neon.origin() + "/api/token", client, old));
      clock.advance(Duration.ofHours(2));
      var again = Http.body(refresh(neon.origin() + "/api/token", client, old));
      assertThat(again.path("refresh_token")).isEqualTo(second.path("refresh_token"));
      assertThat(again.path("expires_in").asInt()).isEqualTo(-3600);
      clock.advance(Duration.ofDays(7));
      assertThat(Http.error(refresh(neon.origin() + "/api/token", client, old))).isEqualTo("400 invalid_grant");
    });
  }

  @Test
  void neonRefusesInItsOwnWay() throws Exception {
    play(FakeProvider.NEON, neon -> {
      var client = client(registered(neon, "/api/register", "client_secret_post"));
      assertThat(Http.error(Http.json(neon.origin() + "/api/token", "{}"))).isEqualTo("415 invalid_request");
      var unknown = Map.of("client_id", "unknown", "client_secret", "unknown");
      assertThat(Http.error(refresh(neon.origin() + "/api/token", unknown, "any"))).isEqualTo("400 invalid_client");
      String authorize = neon.origin() + "/api/authorize?response_type=token&state=s&redirect_uri=" + CALLBACK
          + "&client_id=" + client.get("client_id");
      assertThat(Http.error(Http.get(authorize))).isEqualTo("400 unsupported_response_type");
      var revocation = new LinkedHashMap<>(unknown);
      revocation.put("token", "any");
      assertThat(Http.form(neon.origin() + "/api/revoke", revocation).statusCode()).isEqualTo(200);
      revocation.put("client_id", client.get("client_id"));
      assertThat(Http.error(Http.form(neon.origin() + "/api/revoke", revocation))).isEqualTo("401 invalid_client");
    });
  }

  @Test
  void neonShowsAPersonItsOwnPageAndThenItsUpstreams() throws Exception {
    play(FakeProvider.NEON, neon -> {
      var client = client(registered(neon, "/api/register", "client_secret_post"));
      String url = neon.origin() + "/api/authorize?response_type=code&state=s&redirect_uri=" + CALLBACK
          + "&code_challenge_method=S256&code_challenge=" + Digest.sha256Base64Url(VERIFIER) + "&client_id="
          + client.get("client_id");
      for (String origin : new String[]{neon.origin(), neon.upstream().server().origin()}) {
        assertThat(url).startsWith(origin + "/");
        var page = Http.get(url, "Accept", "text/html");
        assertThat(page.statusCode()).isEqualTo(200);
        String request = page.body().replaceFirst("(?s).*name=\"request\" value=\"([^\"]+)\".*", "$1");
        var pressed = Http.form(origin + "/consent", Map.of("request", request, "decision", "approve"));
        url = pressed.headers().firstValue("location").orElseThrow();
      }
      assertThat(url).startsWith(neon.origin() + "/callback?");
      assertThat(Http.get(url).headers().firstValue("location").orElseThrow()).startsWith(CALLBACK + "?code=");
    });
  }

  @Test
  void neonRelaysItsUpstreamsRefusal() throws Exception {
    play(FakeProvider.NEON, neon -> {
      neon.upstream().server().adjust(knobs -> knobs.authorizationError("request_unauthorized"));
      var client = client(registered(neon, "/api/register", "client_secret_post"));
      String authorize = neon.origin() + "/api/authorize?response_type=code&state=s&redirect_uri=" + CALLBACK
          + "&code_challenge_method=S256&code_challenge=" + Digest.sha256Base64Url(VERIFIER) + "&client_id="
          + client.get("client_id");
      assertThat(neon.approve(authorize).getQuery()).contains("error=request_unauthorized", "state=s");
    });
  }

  @Test
  void notionsServerHasTwoRefreshTokensOfWhichTheUseOfOneEndsTheOther() throws Exception {
    play(FakeProvider.NOTION_MCP, notion -> {
      var registered = registered(notion, "/register", "client_secret_post");
      assertThat(registered.path("client_secret_expires_at").asLong())
          .isEqualTo(clock.instant().plus(Duration.ofDays(90)).getEpochSecond());
      var client = client(registered);
      String url = notion.origin() + "/token";
      String one = tokens(notion, "", client).path("refresh_token").asText();
      String two = Http.body(refresh(url, client, one)).path("refresh_token").asText();
      String three = Http.body(refresh(url, client, one)).path("refresh_token").asText();
      assertThat(Http.error(refresh(url, client, two))).isEqualTo("400 invalid_grant");
      String four = Http.body(refresh(url, client, three)).path("refresh_token").asText();
      assertThat(Http.error(refresh(url, client, one))).isEqualTo("400 invalid_grant");

      var revocation = new LinkedHashMap<>(client);
      revocation.put("token", four);
      assertThat(Http.form(url, revocation).statusCode()).isEqualTo(200);
      assertThat(Http.error(refresh(url, client, four))).isEqualTo("400 invalid_grant");
    });
  }

  @Test
  void notionsServerRevokesAtItsTokenEndpointAndSaysSo() throws Exception {
    play(FakeProvider.NOTION_MCP, notion -> {
      var metadata = Http.body(Http.get(notion.origin() + "/.well-known/oauth-authorization-server"));
      assertThat(metadata.path("revocation_endpoint")).isEqualTo(metadata.path("token_endpoint"));
      assertThat(metadata.path("code_challenge_methods_supported").toString()).isEqualTo("[\"plain\",\"S256\"]");
      assertThat(metadata.path("scopes_supported").toString()).isEqualTo("[\"default\"]");
    });
  }

  @Test
  void notionsServerNamesARealmAndItsMetadataBesideTheError() throws Exception {
    serve(FakeProvider.NOTION_MCP, (_, server) -> {
      var response = post(server);
      assertThat(response.statusCode()).isEqualTo(401);
      assertThat(response.headers().firstValue("www-authenticate")).contains("Bearer realm=\"OAuth\", "
          + "resource_metadata=\"" + server.origin() + WELL_KNOWN + "/mcp\", error=\"invalid_token\"");
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"/mcp", "/mcp?readonly=true", "/sse", ""})
  void neonsMetadataNamesWhateverWasAskedFor(String asked) throws Exception {
    serve(FakeProvider.NEON, (_, server) -> {
      var metadata = Http.body(Http.get(server.origin() + WELL_KNOWN + asked));
      assertThat(metadata.path("resource").asText()).isEqualTo(server.origin() + asked);
      assertThat(metadata.path("authorization_servers").toString()).isEqualTo("[\"" + server.origin() + "\"]");
      assertThat(metadata.has("scopes_supported")).isFalse();
      assertThat(Http.get(server.url()).statusCode()).as("a GET without a token").isEqualTo(401);
    });
  }

  @Test
  void gitHubsMetadataKeepsTheSlashAndIsNotAtTheRoot() throws Exception {
    serve(FakeProvider.GITHUB_OAUTH_APP, (issuer, server) -> {
      for (String path : new String[]{"/mcp", "/mcp/"}) {
        var metadata = Http.body(Http.get(server.origin() + WELL_KNOWN + path));
        assertThat(metadata.path("resource").asText()).isEqualTo(server.origin() + path);
        assertThat(metadata.path("authorization_servers").toString())
            .isEqualTo("[\"" + issuer.origin() + "/login/oauth\"]");
        assertThat(metadata.path("scopes_supported").toString()).contains("delete_repo");
      }
      assertThat(Http.get(server.origin() + WELL_KNOWN).statusCode()).isEqualTo(404);
      for (String path : new String[]{"/.well-known/oauth-authorization-server", "/login/oauth/.well-known/"
          + "oauth-authorization-server"})
        assertThat(Http.get(issuer.origin() + path).statusCode()).isEqualTo(404);
      assertThat(Http.get(issuer.origin() + "/login/oauth/.well-known/openid-configuration").statusCode())
          .isEqualTo(200);
    });
  }

  @Test
  void gitHubsServerTakesATokenOfUnknownKindForAFaultyRequest() throws Exception {
    serve(FakeProvider.GITHUB_APP, (_, server) -> {
      assertThat(post(server, "Authorization", "Bearer ghu_unknown").statusCode()).isEqualTo(401);
      assertThat(post(server, "Authorization", "Bearer something").statusCode()).isEqualTo(400);
    });
  }

  @ParameterizedTest
  @EnumSource(value = FakeProvider.class, names = {"X", "NOTION"})
  void serversOfXAndNotionsApiPublishNothing(FakeProvider provider) throws Exception {
    serve(provider, (_, server) -> {
      assertThat(post(server).headers().firstValue("www-authenticate")).contains("Bearer");
      assertThat(Http.get(server.origin() + WELL_KNOWN + "/mcp").statusCode()).isEqualTo(404);
    });
  }

  private static HttpResponse<String> post(FakeMcpServer server, String... headers) throws Exception {
    return Http.json(server.url(), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", headers);
  }
}
