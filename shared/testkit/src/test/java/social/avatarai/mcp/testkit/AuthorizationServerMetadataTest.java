package social.avatarai.mcp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AuthorizationServerMetadataTest {

  @Test
  void publishesWhatItDoes() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var document = metadata(server);
      assertThat(document.path("issuer").asText()).isEqualTo(server.issuer());
      assertThat(document.path("token_endpoint").asText()).isEqualTo(server.issuer() + "/token");
      assertThat(document.path("code_challenge_methods_supported")).hasSize(1);
      assertThat(document.path("authorization_response_iss_parameter_supported").asBoolean()).isTrue();
      assertThat(document.has("registration_endpoint")).isTrue();
      assertThat(document.has("scopes_supported")).isFalse();
    }
  }

  @Test
  void respondsAtTheFormsChosenAndNowhereElse() throws Exception {
    try (var server = FakeAuthorizationServer.start(as -> as.issuerPath("/tenant1"))) {
      assertThat(publishedForms(server)).containsExactly("/.well-known/oauth-authorization-server/tenant1");
      server.adjust(as -> as.wellKnown(FakeWellKnown.OPENID_INSERTED));
      assertThat(publishedForms(server)).containsExactly("/.well-known/openid-configuration/tenant1");
      server.adjust(as -> as.wellKnown(FakeWellKnown.OPENID_APPENDED));
      assertThat(publishedForms(server)).containsExactly("/tenant1/.well-known/openid-configuration");
      server.adjust(AuthorizationServerKnobs::wellKnown);
      assertThat(publishedForms(server)).isEmpty();
    }
  }

  @Test
  void recordsWhereItWasLookedFor() throws Exception {
    try (var server = FakeAuthorizationServer.start(as -> as.issuerPath("/tenant1"))) {
      publishedForms(server);
      assertThat(server.metadataRequests()).extracting(Received::path).containsExactly(
          "/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server/tenant1",
          "/.well-known/openid-configuration/tenant1", "/tenant1/.well-known/openid-configuration");
    }
  }

  @Test
  void saysWhatATestWantsItToSay() throws Exception {
    try (var server = FakeAuthorizationServer.start(as -> as.withoutMetadata("code_challenge_methods_supported")
        .metadata("issuer", "https://evil.example").metadata("jwks_uri", null).metadata("odd", List.of(1, 2))
        .scopesSupported("read", "write").authMethods("none").withoutRegistration().clientDocuments().withoutIss())) {
      var document = metadata(server);
      assertThat(document.has("code_challenge_methods_supported")).isFalse();
      assertThat(document.path("issuer").asText()).isEqualTo("https://evil.example");
      assertThat(document.path("jwks_uri").isNull()).isTrue();
      assertThat(document.path("odd")).hasToString("[1,2]");
      assertThat(document.path("scopes_supported")).hasToString("[\"read\",\"write\"]");
      assertThat(document.path("token_endpoint_auth_methods_supported")).hasToString("[\"none\"]");
      assertThat(document.has("registration_endpoint")).isFalse();
      assertThat(document.path("client_id_metadata_document_supported").asBoolean()).isTrue();
      assertThat(document.has("authorization_response_iss_parameter_supported")).isFalse();
    }
  }

  private static JsonNode metadata(FakeAuthorizationServer server) throws Exception {
    return Http.body(Http.get(server.origin() + "/.well-known/oauth-authorization-server"));
  }

  private static List<String> publishedForms(FakeAuthorizationServer server) throws Exception {
    var published = new ArrayList<String>();
    for (String path : List.of("/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/tenant1", "/.well-known/openid-configuration/tenant1",
        "/tenant1/.well-known/openid-configuration")) {
      if (Http.get(server.origin() + path).statusCode() == 200) published.add(path);
    }
    return published;
  }
}
