package social.avatarai.mcp.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.FailureAssert.assertBroken;
import static social.avatarai.mcp.FailureAssert.assertFails;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.registration.RegistrationResponse.Requested;

class RegistrationResponseTest {
  private static final String OURS = Examples.REDIRECT_URI.value();
  private static final Requested REQUESTED = new Requested(Examples.REDIRECT_URI,
      ClientAuthenticationMethod.CLIENT_SECRET_POST,
      Scopes.parse("read"));

  @ParameterizedTest
  @ValueSource(ints = {200, 201})
  void readsWhatTheServerDecided(int status) {
    var response = judge(HttpResponses.json(status, "{'client_id':'c-1','client_secret':'s-1',"
        + "'client_secret_expires_at':1795608000,'token_endpoint_auth_method':'client_secret_basic',"
        + "'redirect_uris':['" + OURS + "'],'scope':'read write','x-vendor':true}"));

    assertThat(response.clientId()).isEqualTo(new ClientId("c-1"));
    assertThat(response.secret()).isEqualTo(new ClientSecret("s-1"));
    assertThat(response.method()).isEqualTo(ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
    assertThat(response.scope()).isEqualTo(Scopes.parse("read write"));
    assertThat(response.expiresAt()).isEqualTo(Instant.ofEpochSecond(1795608000));
    assertThat(response.document().path("x-vendor").booleanValue()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",'token_endpoint_auth_method':null,'scope':null,'redirect_uris':null,"
      + "'grant_types':null,'contacts':null,'client_secret_expires_at':null",
      ",'token_endpoint_auth_method':'','scope':'','redirect_uris':[],'client_uri':'','client_secret_expires_at':0"})
  void takesWhatWasAskedForWhereTheServerSaysNothing(String nothing) {
    var response = judge(HttpResponses.json(201, "{'client_id':'c-1','client_secret':'s-1'" + nothing + "}"));

    assertThat(response.method()).isEqualTo(ClientAuthenticationMethod.CLIENT_SECRET_POST);
    assertThat(response.scope()).isEqualTo(Scopes.parse("read"));
    assertThat(response.expiresAt()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",'client_secret':null", ",'client_secret':''", ",'client_secret':5"})
  void isAPublicClientWithoutASecretWhateverTheMethod(String secret) {
    var response = judge(HttpResponses.json(201,
        "{'client_id':'c-1','token_endpoint_auth_method':'client_secret_basic'" + secret + "}"));

    assertThat(response.secret()).isNull();
    assertThat(response.method()).isEqualTo(ClientAuthenticationMethod.NONE);
  }

  @Test
  void keepsASecretThatCameWithMethodNoneAndDoesNotUseIt() {
    var response = judge(HttpResponses.json(200,
        "{'client_id':'c-1','client_secret':'s-1','token_endpoint_auth_method':'none'}"));

    assertThat(response.secret()).isEqualTo(new ClientSecret("s-1"));
    assertThat(response.method()).isEqualTo(ClientAuthenticationMethod.NONE);
  }

  @Test
  void refusesAMethodThatWasNotAskedFor() {
    assertBroken(ErrorCode.INVALID_UPSTREAM_ANSWER, () -> judge(HttpResponses.json(201,
        "{'client_id':'c-1','client_secret':'s-1','token_endpoint_auth_method':'private_key_jwt'}")));
  }

  @Test
  void takesAnExpiryInMillisecondsForOne() {
    assertThat(expiry("1795608000000")).isEqualTo(Instant.ofEpochSecond(1795608000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "null", "''", "'soon'", "{}", "false"})
  void takesNoExpiryForNever(String expiry) {
    assertThat(expiry(expiry)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"9223372036854775807", "1e300", "99999999999999999999999999"})
  void survivesAnExpiryBeyondAllBounds(String expiry) {
    judge(
        HttpResponses.json(201, "{'client_id':'c-1','client_secret':'s-1','client_secret_expires_at':" + expiry + "}"));
  }

  @Test
  void findsOurRedirectUriAmongOthers() {
    assertThat(
        judge(HttpResponses.json(201, "{'client_id':'c-1','redirect_uris':['https://a.example','" + OURS + "']}"))
            .clientId())
        .isEqualTo(new ClientId("c-1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"['https://evil.example/callback']", "['https://app.example/api/mcp/oauth/callback/']",
      "[null]",
      "['https://APP.example/api/mcp/oauth/callback']"})
  void refusesOtherRedirectUris(String uris) {
    assertBroken(ErrorCode.INVALID_UPSTREAM_ANSWER,
        () -> judge(HttpResponses.json(201, "{'client_id':'c-1','redirect_uris':" + uris + "}")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{'client_id':null}", "{'client_id':''}", "{'client_id':7}",
      "{'client_id':'a\\u0000b'}",
      "[]", "", "<html>", "{'client_id':'a','client_id':'b'}"})
  void refusesASuccessWithoutAClientIdentifier(String body) {
    assertBroken(ErrorCode.INVALID_UPSTREAM_ANSWER, () -> judge(HttpResponses.json(201, body)));
  }

  @ParameterizedTest
  @ValueSource(ints = {302, 400, 401, 403, 404, 422, 500})
  void isRefusedWithAnyStatusButA2xx(int status) {
    assertFails(Failure.Refused.class, ErrorCode.REGISTRATION_REFUSED,
        () -> judge(HttpResponses.json(status, "{'client_id':'c-1','error':'invalid_redirect_uri'}")));
    assertFails(Failure.Refused.class, ErrorCode.REGISTRATION_REFUSED,
        () -> judge(HttpResponses.typed(status, "text/plain", "Forbidden")));
  }

  /** The bug: a client that the server had made was lost for the wrapping of its response. */
  @ParameterizedTest
  @ValueSource(strings = {"{'client_id':'c-1','client_id':'c-1'}", "{'client_id':'c-1'}\n<!-- node 7 -->",
      ")]}',{'client_id':'c-1'}"})
  void keepsAClientWhateverItsResponseIsWrappedIn(String body) {
    assertThat(judge(HttpResponses.typed(201, "text/html", body.replace('\'', '"'))).clientId().value())
        .isEqualTo("c-1");
  }

  @Test
  void refusesTwoClientIdentifiersAndSaysSo() {
    assertThatThrownBy(() -> judge(HttpResponses.json(201, "{'client_id':'c-1','client_id':'c-2'}")))
        .isInstanceOf(Failure.ProtocolBroken.class).hasMessageContaining("two values for one name");
  }

  @Test
  void namesTheLimitOfAResponseThatIsNestedTooDeep() {
    String deep = "{'a':".repeat(Json.MAX_DEPTH) + "1" + "}".repeat(Json.MAX_DEPTH);

    assertThatThrownBy(() -> judge(HttpResponses.json(201, "{'client_id':'c-1','jwks':" + deep + "}")))
        .isInstanceOf(Failure.ProtocolBroken.class).hasMessageContaining("deeper than 300 levels");
  }

  private static RegistrationResponse judge(HttpResponse response) {
    return RegistrationResponse.judge(response, REQUESTED);
  }

  private static @Nullable Instant expiry(String value) {
    return judge(HttpResponses.json(201,
        "{'client_id':'c-1','client_secret':'s-1','client_secret_expires_at':" + value + "}")).expiresAt();
  }
}
