package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;

/** What issuers send back of the codes, verifiers, tokens and client secrets that they get. */
@ParameterizedClass
@ValueSource(strings = {"full", "reference"})
class EchoedByIssuersTest extends EchoedSecrets {
  /** The ways in which a token endpoint can write what it got into an error. */
  enum TokenError {
    ERROR_WORD, DESCRIPTION, BROKEN, NO_TOKEN, OTHER_TYPE, CHALLENGE;

    Response response(Received request) {
      String all = everything(request);
      return switch (this) {
        case ERROR_WORD -> Response.json(400, Json.newObject().put("error", all));
        case DESCRIPTION -> Response.json(400,
            Json.newObject().put("error", "invalid_grant").put("error_description", all));
        case BROKEN -> Response.html(500, all);
        case NO_TOKEN -> Response.json(200, Json.newObject().put("token_type", all));
        case OTHER_TYPE -> Response.json(200,
            Json.newObject().put("access_token", Unguessable.text()).put("token_type", all));
        case CHALLENGE -> Response.json(401, Json.newObject().put("error", "invalid_client")).with("WWW-Authenticate",
            "Basic realm=\"" + credential(request) + request.parameters() + "\"");
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void codeVerifierAndClientSecretThatATokenEndpointSendsBackAreNeitherLoggedNorAnswered(TokenError error) {
    for (String method : List.of("client_secret_basic", "client_secret_post")) {
      register(method);
      authorizationServer.tokenEndpoint().nextFrom(error::response);
      assertThat(consent().body().has("error")).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void refreshTokenThatATokenEndpointSendsBackIsNeitherLoggedNorAnswered(TokenError error) {
    connect();
    authorizationServer.tokenEndpoint().nextFrom(error::response);
    assertThat(refresh().body().has("error")).isTrue();
  }

  /** The scope of a token response is stored, shown in lists, and asked for again. */
  @Test
  void tokensThatATokenEndpointCallsScopesAreNotKeptAsScopes() {
    register("client_secret_basic");
    authorizationServer.tokenEndpoint().nextFrom(request -> {
      var tokens = List.of("at-" + Unguessable.text(), "rt-" + Unguessable.text());
      issued.addAll(tokens);
      var form = request.parameters();
      return Response.json(200, Json.newObject().put("access_token", tokens.getFirst())
          .put("refresh_token", tokens.getLast()).put("token_type", "Bearer").put("scope", "read "
              + String.join(" ", tokens) + " " + form.get("code") + " x:" + form.get("code_verifier") + " write"));
    });
    assertThat(consent().succeeded().text("scope")).isEqualTo("read write");
  }

  @Test
  void clientSecretThatARegistrationRepeatsElsewhereIsHandedOverOnlyOnce() {
    authorizationServer.registrationEndpoint().nextFrom(request -> {
      String secret = "secret-" + Unguessable.text();
      issued.add(secret);
      return Response.json(201, request.json().put("client_id", "client-one").put("client_secret", secret)
          .put("client_name", "A client with the secret " + secret));
    });
    var response = user.register(authorizationServer, "client_secret_basic");
    assertThat(issued).containsExactly(response.text("client_secret"));
    assertThat(response.text("client_name")).isEqualTo("A client with the secret [token]");
    user.forgetHandedOver(Set.of("client_secret"));
    connect();
  }

  @Test
  void tokenThatARevocationEndpointSendsBackIsNeitherLoggedNorAnswered() {
    connect();
    authorizationServer.revocationEndpoint().nextFrom(
        request -> Response.json(400, Json.newObject().put("error", everything(request))));
    user.disconnect().succeeded();
    assertThat(log()).contains("\"revoked\":false");
  }
}
