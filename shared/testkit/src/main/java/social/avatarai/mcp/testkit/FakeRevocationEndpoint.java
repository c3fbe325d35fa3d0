package social.avatarai.mcp.testkit;

import java.util.Map;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.discovery.ProviderRevocation;

/** Token revocation (RFC 7009 §2), or one of a provider's own kind. In the former, an unknown token gets the same response as a revoked token. */
final class FakeRevocationEndpoint {
  private final AuthorizationServerKnobs knobs;
  private final Clients clients;
  private final FakeGrants grants;

  FakeRevocationEndpoint(AuthorizationServerKnobs knobs, Clients clients, FakeGrants grants) {
    this.knobs = knobs;
    this.clients = clients;
    this.grants = grants;
  }

  Response respond(Received request) {
    var way = knobs.provider.revocation;
    try {
      if (way == null) revoke(request);
      else
        revokeBy(way, request);
      return knobs.provider.revoked;
    } catch (Refusal refusal) {
      return knobs.provider.revocationRefusal(refusal, request).response();
    }
  }

  private void revoke(Received request) {
    knobs.provider.requireForm(request);
    if (knobs.provider.revokesForUnknownClients && clients.named(request).isEmpty()) return;
    var client = clients.authenticate(request);
    String token = request.parameters().getOrDefault("token", "");
    if (token.isEmpty()) throw Refusal.invalidRequest("token is missing");
    requireOwn(client, token);
    if (knobs.revokesAccessTokensOnly && grants.isRefreshToken(token)) {
      throw new Refusal(400, "unsupported_token_type", "refresh tokens cannot be revoked");
    }
    grants.revoke(token);
    if (knobs.revocationEndsTheClient) grants.revokeAll(client);
  }

  /** A revocation of a provider's own kind. A token that is unknown or of another kind is not found. */
  private void revokeBy(ProviderRevocation way, Received request) {
    if (!request.method().equals(way.method())) throw new Refusal(405, "", "only " + way.method());
    knobs.provider.requireHeaders(request);
    way.headers().forEach((name, value) -> {
      if (!request.headers(name).contains(value)) throw new Refusal(406, "", name + " must be " + value);
    });
    var body = members(way, request);
    String token = body.getOrDefault(way.member(), "");
    var client = client(way, request, body, token);
    if (!request.path().equals(way.url(new ClientId(client.id())).path())) throw new Refusal(404, "", "Not Found");
    int size = way.client() == ProviderRevocation.ClientIn.BODY ? 3 : 1;
    if (body.size() != size || token.isEmpty()) throw new Refusal(422, "", "Validation Failed");
    boolean access = way.takes() == ProviderRevocation.Token.ACCESS_TOKEN;
    if (grants.find(token).isEmpty() || grants.isRefreshToken(token) == access) throw new Refusal(404, "", "Not Found");
    requireOwn(client, token);
    grants.revoke(token);
  }

  private static Map<String, String> members(ProviderRevocation way, Received request) {
    boolean form = way.body() == ProviderRevocation.Body.FORM;
    if (form ? !request.isForm() : !request.isJson()) throw new Refusal(415, "", "another form of body");
    return (form ? request : request.jsonAsForm()).parameters();
  }

  private FakeClient client(ProviderRevocation way, Received request, Map<String, String> body, String token) {
    return switch (way.client()) {
      case BASIC -> clients.authenticateByBasic(request);
      case BODY -> clients.authenticateInBody(body);
      case NONE -> {
        if (request.header("authorization").isPresent()) throw Refusal.invalidRequest("no client is asked for");
        yield grants.find(token).orElseThrow(() -> new Refusal(404, "", "Not Found")).client();
      }
    };
  }

  private void requireOwn(FakeClient client, String token) {
    boolean another = grants.find(token).map(grant -> !grant.client().id().equals(client.id())).orElse(false);
    if (another) throw Refusal.invalidGrant("not a token of this client");
  }
}
