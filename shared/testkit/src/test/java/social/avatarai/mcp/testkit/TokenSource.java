package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/** A registered client that gets tokens for one resource. Each call gets the consent of another resource owner. */
final class TokenSource {
  private final OAuthClient client;
  private final String resource;

  TokenSource(FakeAuthorizationServer server, String resource) throws IOException, InterruptedException {
    this.client = OAuthClient.registeredAt(server);
    this.resource = resource;
  }

  JsonNode tokens() throws IOException, InterruptedException {
    var authorization = client.authorization();
    authorization.put("resource", resource);
    var form = client.redemption(client.callback(authorization).getOrDefault("code", ""));
    form.put("resource", resource);
    form.put("client_id", client.id());
    return Http.body(client.token(form));
  }

  String accessToken() throws IOException, InterruptedException {
    return tokens().path("access_token").asText();
  }

  /** Refreshes these tokens and returns the new access token. */
  String refreshed(JsonNode tokens) throws IOException, InterruptedException {
    var form = client.refreshment(tokens.path("refresh_token").asText());
    form.put("resource", resource);
    return Http.body(client.token(form)).path("access_token").asText();
  }
}
