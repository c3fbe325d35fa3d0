package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Issuer;

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

    assertThat(all).hasSameSizeAs(Files.readAllLines(folder().resolve("index")));
    assertThat(all).extracting(Profile::issuer).doesNotHaveDuplicates();
  }

  @Test
  void writesResourceOriginsAsOrigins() {
    for (var profile : Profiles.load().all())
      assertThat(profile.resourceOrigins()).allSatisfy(
          origin -> assertThat(new EndpointUrl(origin).origin()).isEqualTo(origin));
  }

  @Test
  void findsAProfileByTheIssuerExactly() {
    var profiles = Profiles.load();

    assertThat(profiles.of(new Issuer("https://github.com/login/oauth"))).isPresent();
    assertThat(profiles.of(new Issuer("https://github.com/login/oauth/"))).isEmpty();
    assertThat(profiles.of(new Issuer("https://github.com"))).isEmpty();
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
        List.of("invalid_request"), false));
  }

  @Test
  void refusesAProfileWithAMethodThatWeDoNotSpeak() {
    assertThatThrownBy(() -> Profile.read(
        HttpResponses.object("{'issuer':'https://auth.example','token_endpoint_auth_method':'private_key_jwt'}")))
        .isInstanceOf(IllegalStateException.class);
  }

  private static Path folder() {
    try {
      return Path.of(Objects.requireNonNull(Profiles.class.getResource("/profiles/")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
