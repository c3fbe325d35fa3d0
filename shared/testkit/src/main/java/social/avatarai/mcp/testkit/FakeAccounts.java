package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.FakeGrants.Grant;

/**
 * How a {@link FakeAuthorizationServer} names the account of a grant: not at all, with an ID token (OpenID Connect Core
 * §2), or at the UserInfo endpoint (§5.3).
 */
public final class FakeAccounts {
  private @Nullable String signedIn;
  private @Nullable Consumer<ObjectNode> idToken;
  private @Nullable Consumer<ObjectNode> userinfo;

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

  String ownerOr(String other) {
    return signedIn == null ? other : signedIn;
  }

  boolean hasUserinfo() {
    return userinfo != null;
  }

  void addTo(ObjectNode response, Grant grant, String issuer, long now) {
    if (idToken == null) return;
    var claims = Json.newObject().put("iss", issuer).put("sub", grant.subject()).put("aud", grant.client().id())
        .put("iat", now).put("exp", now + 3600);
    idToken.accept(claims);
    String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(claims.toString().getBytes(UTF_8));
    response.put("id_token", "e30." + encoded + ".c2ln");
  }

  Response userinfo(String subject) {
    var claims = Json.newObject().put("sub", subject);
    if (userinfo != null) userinfo.accept(claims);
    return Response.json(200, claims);
  }
}
