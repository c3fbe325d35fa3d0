package social.avatarai.mcp.discovery;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Scopes;

class ProfilesTest {

  @Test
  void listsEveryProfileInTheIndexAndNothingElse() throws IOException {
    var index = Files.readAllLines(folder().resolve("index"));

    try (var files = Files.list(folder())) {
      assertThat(files.map(file -> file.getFileName().toString()).filter(name -> !name.equals("index")))
          .containsExactlyInAnyOrderElementsOf(index.stream().map(name -> name + ".json").toList());
    }
  }

  @Test
  void loadsEveryProfileOneForEachIssuer() throws IOException {
    var all = Profiles.load().all();

    assertThat(Profiles.load().documents()).hasSameSizeAs(Files.readAllLines(folder().resolve("index")));
    assertThat(all).extracting(Profile::issuer).doesNotHaveDuplicates();
  }

  @Test
  void writesResourceOriginsAsOrigins() {
    for (var profile : Profiles.load().all())
      assertThat(profile.resourceOrigins()).allSatisfy(
          origin -> assertThat(new EndpointUrl(origin).origin()).isEqualTo(origin));
  }

  @Test
  void findsAProfileByTheIssuerWithAndWithoutOneTrailingSlash() {
    var profiles = Profiles.load();

    assertThat(profiles.of(new Issuer("https://github.com/login/oauth"))).isPresent();
    assertThat(profiles.of(new Issuer("https://github.com/login/oauth/"))).isPresent();
    assertThat(profiles.of(new Issuer("https://github.com/login/oauth//"))).isEmpty();
    assertThat(profiles.of(new Issuer("https://github.com"))).isEmpty();
  }

  /** The bug: one process used the one profile, and another process the other. */
  @Test
  void findsTheMostSpecificProfileOfATenantInEveryProcess() {
    var documents = new LinkedHashMap<String, ObjectNode>();
    for (String host : List.of("a.example", "b.a.example", "c.b.a.example", "d.c.b.a.example", "e.d.c.b.a.example"))
      documents.put(host.replace('.', '-'),
          HttpResponses.object("{'issuer':'https://{tenant}." + host + "/','client_settings':'MCP_"
              + host.substring(0, 1).toUpperCase(Locale.ROOT) + "'}"));
    for (int process = 0; process < 100; process++)
      assertThat(Stream.of("a.example", "c.b.a.example", "e.d.c.b.a.example")
          .map(host -> Profiles.read(documents).of(new Issuer("https://acme." + host + "/")).orElseThrow()
              .clientSettings()))
          .containsExactly("MCP_A", "MCP_C", "MCP_E");
  }

  @Test
  void findsAProfileByTheNameOfItsFile() {
    assertThat(Profiles.load().named("github").map(Profile::issuer))
        .contains(new Issuer("https://github.com/login/oauth"));
    assertThat(Profiles.load().named("no-such-profile")).isEmpty();
  }

  @Test
  void assumesNothingThatAProfileDoesNotSay() {
    var bare = Profile.read(HttpResponses.object("{'issuer':'https://auth.example'}"));

    assertThat(bare).isEqualTo(
        new Profile(new Issuer("https://auth.example"), List.of(), false, false, false, " ", null, null, false));
  }

  @Test
  void readsWhatAProfileSays() {
    var profile = Profile
        .read(HttpResponses.object("{'issuer':'https://auth.example','resource_origins':['https://a.example'],"
            + "'pkce_assumed':true,'audience_unchecked':true,'plain_callback':true,'scope_separator':',',"
            + "'token_endpoint_auth_method':'client_secret_basic','client_settings':'MCP_A',"
            + "'second_consent_gives_no_refresh_token':true,'dead_refresh_token_errors':['invalid_request']}"));

    assertThat(profile).isEqualTo(new Profile(new Issuer("https://auth.example"), List.of("https://a.example"), true,
        true, true, ",", ClientAuthenticationMethod.CLIENT_SECRET_BASIC, "MCP_A", true,
        List.of(new DeadTokenError("invalid_request")), false));
  }

  @Test
  void readsHowRequestsDiffer() {
    var profile = Profile.read(HttpResponses.object("{'issuer':'https://auth.example','server_ids':['a-mcp'],"
        + "'dead_refresh_token_errors':['gone',{'error':'invalid_request','error_description':'Spent.'}],"
        + "'metadata':{'issuer':'https://auth.example','authorization_endpoint':'https://auth.example/a',"
        + "'token_endpoint':'https://auth.example/t'},'requests':{'authorization':{'owner':'user'},"
        + "'names_resource':false,'json_token_requests':true,'headers':{'Version':'1'},'code_life_seconds':30,"
        + "'refreshed_when_refused':true,'added_scopes':['offline.access'],'revocation':{'method':'DELETE','url':'https://auth.example/{client_id}',"
        + "'token':'refresh_token','member':'t','headers':{'Accept':'a/b'}}}}"));

    assertThat(profile.deadRefreshTokenErrors()).containsExactly(new DeadTokenError("gone"),
        new DeadTokenError("invalid_request", "Spent."));
    assertThat(profile.serverIds()).containsExactly("a-mcp");
    assertThat(requireNonNull(profile.metadata()).path("token_endpoint").asText())
        .isEqualTo("https://auth.example/t");
    assertThat(profile.requests()).isEqualTo(new ProviderRequests(Map.of("owner", "user"), false, true,
        Map.of("Version", "1"), Duration.ofSeconds(30), true, Scopes.parse("offline.access"),
        new ProviderRevocation("DELETE",
            "https://auth.example/{client_id}", ProviderRevocation.Token.REFRESH_TOKEN, "t", Map.of("Accept", "a/b"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"'headers':{'authorization':'Basic x'}", "'headers':{'Content-Type':'text/plain'}",
      "'code_life_seconds':0",
      "'revocation':{'method':'GET','url':'https://a.example','token':'access_token','member':'t'}",
      "'revocation':{'method':'POST','url':'http://a.example','token':'access_token','member':'t'}",
      "'revocation':{'method':'POST','url':'https://a.example','token':'id_token','member':'t'}",
      "'revocation':{'method':'POST','url':'https://a.example','token':'access_token'}"})
  void refusesAProfileWhoseRequestsCannotBeSent(String requests) {
    assertThatThrownBy(
        () -> Profile.read(HttpResponses.object("{'issuer':'https://auth.example','requests':{" + requests + "}}")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readsWhereTheAccountIs() {
    var inResponse = Profile.read(HttpResponses.object("{'issuer':'https://auth.example',"
        + "'account':{'from':'token_response','id':['/team/id','/owner/user/id'],'label':['/team/name','/owner/user/id']}}"));
    var userinfo = Profile.read(HttpResponses.object("{'issuer':'https://auth.example',"
        + "'account':{'from':'userinfo','url':'https://api.example/me','id':'/data/id'}}"));

    assertThat(inResponse.account()).isEqualTo(new AccountSource(AccountSource.Kind.TOKEN_RESPONSE, null,
        List.of(JsonPointer.compile("/team/id"), JsonPointer.compile("/owner/user/id")),
        List.of(JsonPointer.compile("/team/name"), JsonPointer.compile("/owner/user/id"))));
    assertThat(userinfo.account()).isEqualTo(new AccountSource(AccountSource.Kind.USERINFO,
        new EndpointUrl("https://api.example/me"), List.of(JsonPointer.compile("/data/id")), List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"'from':'id_token'", "'from':'id_token','id':''", "'from':'cookie','id':'/sub'",
      "'from':'id_token','id':'sub'", "'from':'userinfo','id':'/sub'",
      "'from':'id_token','url':'https://api.example/me','id':'/sub'",
      "'from':'userinfo','url':'http://api.example/me','id':'/sub'"})
  void refusesAnAccountThatCannotBeRead(String account) {
    assertThatThrownBy(
        () -> Profile.read(HttpResponses.object("{'issuer':'https://auth.example','account':{" + account + "}}")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void hasMetadataOfItsOwnIssuerWhereAProfileHasAny() {
    for (var profile : Profiles.load().all()) {
      var document = profile.metadata();
      if (document == null) continue;
      var metadata = AuthorizationServerMetadata.judge(profile.issuer(), document);
      assertThat(metadata.tokenEndpointAuthMethods()).contains(requireNonNull(profile.authMethod()).wireName());
      assertThat(metadata.hasForeignEndpoints()).isFalse();
    }
  }

  @Test
  void claimsEachServerIdOnce() {
    assertThat(Profiles.load().all().stream().flatMap(profile -> profile.serverIds().stream()))
        .doesNotHaveDuplicates().contains("github-mcp", "twitter-mcp", "notion-mcp");
  }

  @Test
  void reservesAnIssuerWhoseTokensNothingChecksOrThatIsOnlyForTheResourcesOfItsProfile() {
    assertThat(List.of("{'issuer':'https://a.example','resource_origins':['https://m.example']}",
        "{'issuer':'https://a.example','metadata':{'authorization_endpoint':'https://a.example/a',"
            + "'token_endpoint':'https://a.example/t'}}",
        "{'issuer':'https://a.example','audience_unchecked':true}",
        "{'issuer':'https://a.example','requests':{'names_resource':false}}"))
        .allSatisfy(document -> assertThat(Profile.read(HttpResponses.object(document)).isReserved()).isTrue());
    assertThat(Profile.read(HttpResponses.object("{'issuer':'https://a.example','plain_callback':true}")).isReserved())
        .isFalse();
    assertThat(Profiles.load().all()).allSatisfy(profile -> assertThat(profile.isReserved()).isTrue());
  }

  @Test
  void refusesAProfileWithAMethodThatWeDoNotSpeak() {
    assertThatThrownBy(() -> Profile.read(
        HttpResponses.object("{'issuer':'https://auth.example','token_endpoint_auth_method':'private_key_jwt'}")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("token_endpoint_auth_method is a method that this service does not speak");
  }

  private static Path folder() {
    try {
      return Path.of(requireNonNull(Profiles.class.getResource("/profiles/")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
