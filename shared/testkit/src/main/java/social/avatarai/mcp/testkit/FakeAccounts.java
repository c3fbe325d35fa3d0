package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.FakeGrants.Grant;

/**
 * How a {@link FakeAuthorizationServer} names the account of a grant: not at all, with an ID token (OpenID Connect Core
 * §2), at the UserInfo endpoint (§5.3), or in a way of its own.
 */
public final class FakeAccounts {
  private @Nullable String signedIn;
  private @Nullable Consumer<ObjectNode> idToken;
  private @Nullable Consumer<ObjectNode> userinfo;
  private @Nullable BiConsumer<ObjectNode, String> members;
  private @Nullable BiConsumer<ObjectNode, String> api;
  private String scopeOfApi = "";

  /** Who consents from now on; null for another account with each consent. */
  public FakeAccounts signedIn(@Nullable String owner) {
    signedIn = owner;
    return this;
  }

  /** Token responses have an ID token, whose claims this changes; null for none. */
  public FakeAccounts idToken(@Nullable Consumer<ObjectNode> change) {
    idToken = change;
    return this;
  }

  /** There is a UserInfo endpoint, in the metadata too, whose response this changes; null for none. */
  public FakeAccounts userinfo(@Nullable Consumer<ObjectNode> change) {
    userinfo = change;
    return this;
  }

  /** Token responses name the owner in members of the provider's own, which this adds. */
  public FakeAccounts members(BiConsumer<ObjectNode, String> naming) {
    members = naming;
    return this;
  }

  /**
   * There is an API that names the owner, and is not in the metadata.
   *
   * @param scope the scope that a token needs there; empty for none
   * @param naming adds to the response what the API says of this owner
   */
  public FakeAccounts api(String scope, BiConsumer<ObjectNode, String> naming) {
    scopeOfApi = scope;
    api = naming;
    return this;
  }

  String ownerOr(String other) {
    return signedIn == null ? other : signedIn;
  }

  boolean hasUserinfo() {
    return userinfo != null;
  }

  void addTo(ObjectNode response, Grant grant, String issuer, long now) {
    if (members != null) members.accept(response, grant.subject());
    if (idToken == null) return;
    var claims = Json.newObject().put("iss", issuer).put("sub", grant.subject()).put("aud", grant.client().id())
        .put("iat", now).put("exp", now + 3600);
    idToken.accept(claims);
    String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(claims.toString().getBytes(UTF_8));
    response.put("id_token", "e30." + encoded + ".c2ln");
  }

  /** The response to a request with this token, at the UserInfo endpoint or at the API. */
  Response asked(FakeGrants.AccessToken token) {
    String owner = token.grant().subject();
    var named = Json.newObject();
    if (api != null) {
      if (!scopeOfApi.isEmpty() && !Scopes.parse(token.scope()).contains(scopeOfApi)) return Response.of(403);
      api.accept(named, owner);
    } else if (userinfo != null) userinfo.accept(named.put("sub", owner));
    else
      return Response.of(404);
    return Response.json(200, named);
  }
}
