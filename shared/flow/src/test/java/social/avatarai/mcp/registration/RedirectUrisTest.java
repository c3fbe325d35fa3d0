package social.avatarai.mcp.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.PublicBase;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.registration.ClientIdentity.Origin;

class RedirectUrisTest {
  private static final PublicBase BASE = new PublicBase("https://app.example");
  private static final String OWN = BASE.callback(IssuerContext.of(Examples.ISSUER)).value();
  private static final String PLAIN = "https://app.example/api/mcp/oauth/callback";
  private static final String OTHERS = BASE.callback(IssuerContext.of(new Issuer("https://other.example"))).value();

  private final RedirectUris strict = new RedirectUris(Examples.ISSUER, BASE, false);
  private final RedirectUris sharing = new RedirectUris(Examples.ISSUER, BASE, true);

  private static ClientRegistration client(Origin origin, String... redirectUris) {
    var client = new ClientIdentity(Owner.deployment(), origin, new ClientId("client"),
        ClientAuthenticationMethod.NONE);
    return new ClientRegistration(Examples.ISSUER, client, Stream.of(redirectUris).map(RedirectUri::new).toList(),
        Scopes.none(), null);
  }

  private static String chosen(RedirectUris uris, ClientRegistration client) {
    var choice = uris.of(client);
    assertThat(choice.elsewhere()).isFalse();
    return choice.uri().value();
  }

  private static void assertRequired(RedirectUris uris, ClientRegistration client) {
    assertThatExceptionOfType(Failure.BadRequest.class).isThrownBy(() -> uris.of(client))
        .matches(failure -> failure.code() == ErrorCode.REDIRECT_URI_REQUIRED)
        .matches(failure -> failure.safeMessage().contains(OWN));
  }

  /** GitHub accepts each of these as a callback URL if the URL that they begin with is registered. */
  @Test
  void liesBelowNoOtherOneOfOurs() {
    for (String registered : List.of(OWN, PLAIN, OTHERS))
      for (String redirect : List.of(OWN, PLAIN, OTHERS))
        assertThat(redirect.equals(registered) || !redirect.startsWith(registered)).isTrue();
  }

  @ParameterizedTest
  @EnumSource(names = {"DYNAMIC", "CALLER", "METADATA_DOCUMENT"})
  void isTheIssuersOwnForAClientThatWeRegistered(Origin origin) {
    for (var uris : List.of(strict, sharing))
      assertThat(chosen(uris, client(origin, PLAIN, OWN))).isEqualTo(OWN);
    assertRequired(sharing, client(origin, PLAIN));
  }

  @Test
  void isThePlainOneForTheOperatorsClientWhereTheIssuerMayUseIt() {
    assertThat(chosen(sharing, client(Origin.OPERATOR))).isEqualTo(PLAIN);
    assertThat(chosen(strict, client(Origin.OPERATOR))).isEqualTo(OWN);
  }

  @ParameterizedTest
  @EnumSource(names = {"PREREGISTERED", "PUBLIC"})
  void isTheIssuersOwnForAClientByHandThatNamesNone(Origin origin) {
    for (var uris : List.of(strict, sharing))
      assertThat(chosen(uris, client(origin))).isEqualTo(OWN);
  }

  @Test
  void isTheOneThatAClientByHandNamesIfItIsOneOfTheIssuers() {
    assertThat(chosen(strict, client(Origin.PREREGISTERED, OWN))).isEqualTo(OWN);
    assertThat(chosen(sharing, client(Origin.PREREGISTERED, OWN))).isEqualTo(OWN);
    assertThat(chosen(sharing, client(Origin.PREREGISTERED, PLAIN))).isEqualTo(PLAIN);
    assertRequired(strict, client(Origin.PREREGISTERED, PLAIN));
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://app.example/api/mcp/oauth/callback/",
      "https://app.example/api/mcp/oauth/callback?a=b",
      "https://app.example/other", "https://app.example", "https://elsewhere.example/callback",
      "https://elsewhere.example/api/mcp/oauth/callback/", "https://elsewhere.example/api/mcp/oauth/callback?a=b"})
  void isNoneForAClientByHandThatNamesSomethingElse(String named) {
    assertRequired(strict, client(Origin.PREREGISTERED, named));
    assertRequired(sharing, client(Origin.PREREGISTERED, named));
  }

  @Test
  void isNotAnotherIssuersOwn() {
    assertRequired(strict, client(Origin.PREREGISTERED, OTHERS));
    assertRequired(sharing, client(Origin.PREREGISTERED, OTHERS));
    assertRequired(sharing, client(Origin.PREREGISTERED, OTHERS.replace("https://app.example", "https://b.example")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://production.example/api/mcp/oauth/callback",
      "https://app.example:8443/api/mcp/oauth/callback", "http://localhost:3000/api/mcp/oauth/callback"})
  void isTheIssuersOwnWhereTheClientNamesOneOfAnotherBaseUrl(String named) {
    for (var uris : List.of(strict, sharing)) {
      assertThat(uris.of(client(Origin.PREREGISTERED, named))).isEqualTo(
          new RedirectUris.Choice(new RedirectUri(OWN), true));
      assertThat(uris.of(client(Origin.PREREGISTERED, OWN.replace("https://app.example", "https://b.example"))))
          .isEqualTo(new RedirectUris.Choice(new RedirectUri(OWN), true));
    }
  }
}
