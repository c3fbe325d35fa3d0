package social.avatarai.mcp.registration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.PublicBase;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;

class ClientMetadataTest {
  private static final PublicBase BASE = new PublicBase("https://app.example");
  private static final IssuerContext CONTEXT = IssuerContext.of(Examples.ISSUER);

  private final ClientMetadata metadata = new ClientMetadata("AvatarAI Social MCP Client", null);

  @Test
  void registersWithEveryMemberThatServersInsistOn() {
    var body = metadata.registration(BASE.callback(CONTEXT), ClientAuthenticationMethod.CLIENT_SECRET_POST,
        Scopes.parse("read write"));

    assertThat(body).hasToString("{\"client_name\":\"AvatarAI Social MCP Client\","
        + "\"redirect_uris\":[\"https://app.example/api/mcp/oauth/issuer/" + CONTEXT + "/callback\"],"
        + "\"grant_types\":[\"authorization_code\",\"refresh_token\"],\"response_types\":[\"code\"],"
        + "\"token_endpoint_auth_method\":\"client_secret_post\",\"application_type\":\"web\","
        + "\"scope\":\"read write\"}");
  }

  @Test
  void namesNoScopeWhereNoneIsKnown() {
    var body = metadata.registration(BASE.callback(CONTEXT), ClientAuthenticationMethod.NONE, Scopes.none());

    assertThat(body.has("scope")).isFalse();
    assertThat(body.path("token_endpoint_auth_method").textValue()).isEqualTo("none");
  }

  @Test
  void isANativeApplicationOnLoopback() {
    var body = metadata.registration(new RedirectUri("http://localhost:3000/api/mcp/oauth/callback"),
        ClientAuthenticationMethod.NONE, Scopes.none());

    assertThat(body.path("application_type").textValue()).isEqualTo("native");
  }

  @Test
  void publishesAPublicClientWithItsOneRedirectUri() {
    var document = metadata.documentOf(BASE, CONTEXT);

    assertThat(document).hasToString("{\"client_id\":\"https://app.example/api/mcp/oauth/client-metadata/" + CONTEXT
        + ".json\",\"client_name\":\"AvatarAI Social MCP Client\","
        + "\"redirect_uris\":[\"https://app.example/api/mcp/oauth/issuer/" + CONTEXT + "/callback\"],"
        + "\"grant_types\":[\"authorization_code\",\"refresh_token\"],\"response_types\":[\"code\"],"
        + "\"token_endpoint_auth_method\":\"none\",\"application_type\":\"web\"}");
  }

  @Test
  void isKnownByADocumentOfItsOwnAtEachIssuer() {
    assertThat(metadata.documentUrl(BASE, CONTEXT))
        .hasValue(new EndpointUrl("https://app.example/api/mcp/oauth/client-metadata/" + CONTEXT + ".json"));
  }

  @Test
  void isKnownByNoDocumentWithoutHttps() {
    assertThat(metadata.documentUrl(new PublicBase("http://localhost:3000"), CONTEXT)).isEmpty();
  }

  @Test
  void isKnownByTheOperatorsDocumentEverywhere() {
    var fixed = new ClientMetadata("Name", new ClientMetadataUrl("https://www.example/client.json"));

    for (var base : List.of(BASE, new PublicBase("http://localhost:3000")))
      assertThat(fixed.documentUrl(base, CONTEXT)).hasValue(new EndpointUrl("https://www.example/client.json"));
    assertThat(fixed.documentOf(BASE, CONTEXT).path("client_id").textValue()).isEqualTo(BASE.clientMetadata(CONTEXT));
  }

  @Test
  void isKnownAtTheOperatorsHostByADocumentForEachIssuer() {
    var published = new ClientMetadata("Name", new ClientMetadataUrl("https://www.example/clients/{context}.json"));
    String address = "https://www.example/clients/" + CONTEXT + ".json";

    assertThat(published.documentUrl(BASE, CONTEXT)).hasValue(new EndpointUrl(address));
    assertThat(published.fixedDocumentUrl()).isEmpty();
    var document = published.documentOf(BASE, CONTEXT);
    assertThat(document.path("client_id").textValue()).isEqualTo(address);
    assertThat(document.path("redirect_uris").path(0).textValue()).isEqualTo(BASE.callback(CONTEXT).value());
  }

  @Test
  void describesTheClientByHandWithThePlainCallback() {
    var document = metadata.documentByHand(BASE);

    assertThat(document.path("client_id").textValue()).isEqualTo(BASE.plainClientMetadata());
    assertThat(document.path("redirect_uris")).hasSize(1)
        .first().hasToString("\"https://app.example/api/mcp/oauth/callback\"");
  }
}
