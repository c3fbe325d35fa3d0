package social.avatarai.mcp.testkit;

/** Token revocation (RFC 7009 §2). An unknown token gets the same response as a revoked token. */
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
    try {
      revoke(request);
      return Response.of(200);
    } catch (Refusal refusal) {
      return refusal.response();
    }
  }

  private void revoke(Received request) {
    FakeTokenEndpoint.requireForm(request);
    var client = clients.authenticate(request);
    String token = request.parameters().getOrDefault("token", "");
    if (token.isEmpty()) throw Refusal.invalidRequest("token is missing");
    boolean another = grants.find(token).map(grant -> !grant.client().id().equals(client.id())).orElse(false);
    if (another) throw Refusal.invalidGrant("not a token of this client");
    if (knobs.revokesAccessTokensOnly && grants.isRefreshToken(token)) {
      throw new Refusal(400, "unsupported_token_type", "refresh tokens cannot be revoked");
    }
    grants.revoke(token);
    if (knobs.revocationEndsTheClient) grants.revokeAll(client);
  }
}
