package social.avatarai.mcp.testkit;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Unguessable;

/** Everything that the authorization server has issued: codes, access tokens, and refresh tokens in families. */
final class FakeGrants {
  private final AuthorizationServerKnobs knobs;
  private final Map<String, Code> codes = new HashMap<>();
  private final Map<String, Grant> redeemedCodes = new HashMap<>();
  private final Map<String, RefreshToken> refreshTokens = new HashMap<>();
  private final Map<String, AccessToken> accessTokens = new HashMap<>();
  private final Set<Grant> revoked = new HashSet<>();
  private int owners;

  FakeGrants(AuthorizationServerKnobs knobs) {
    this.knobs = knobs;
  }

  /** One consent. Everything that is issued because of this consent is a family and ends together. */
  record Grant(String id, String subject, FakeClient client, @Nullable String resource, String scope) {}

  /** A code. The token request must repeat the redirect URI, unless the URI is null (the demo's fixed code). */
  record Code(Grant grant, String challenge, @Nullable String redirectUri, Instant expiresAt) {}

  record AccessToken(Grant grant, String scope, Instant expiresAt) {}

  /** A refresh token. {@code replacedAt} is null while the token is the current one of its family. */
  private record RefreshToken(Grant grant, @Nullable Instant replacedAt) {}

  /** Records the consent of a resource owner. Each consent is by another resource owner, unless one is signed in. */
  Grant consent(FakeClient client, @Nullable String resource, String scope) {
    owners++;
    return new Grant(Unguessable.text(), knobs.accounts.ownerOr("owner-" + owners), client, resource, scope);
  }

  String issueCode(Grant grant, String challenge, String redirectUri) {
    String code = Unguessable.text();
    putCode(code, new Code(grant, challenge, redirectUri, knobs.clock.instant().plus(knobs.codeLifetime)));
    return code;
  }

  void putCode(String value, Code code) {
    redeemedCodes.remove(value);
    codes.put(value, code);
  }

  /** Removes a code even if the request then fails, because a code is valid for one attempt. */
  Code takeCode(String value, FakeClient client) {
    var replayed = redeemedCodes.get(value);
    if (replayed != null) {
      revoke(replayed); // RFC 6749 §4.1.2
      throw Refusal.invalidGrant("the code has been used");
    }
    var code = codes.get(value);
    if (code == null || !code.grant().client().id().equals(client.id())) throw Refusal.invalidGrant("unknown code");
    if (!knobs.forgets) return code;
    codes.remove(value);
    redeemedCodes.put(value, code.grant());
    if (isPast(code.expiresAt())) throw Refusal.invalidGrant("the code has expired");
    return code;
  }

  void putAccessToken(String value, AccessToken token) {
    accessTokens.put(value, token);
  }

  String issueRefreshToken(Grant grant) {
    String value = knobs.provider.refreshTokenPrefix + Unguessable.text();
    putRefreshToken(value, grant);
    return value;
  }

  void putRefreshToken(String value, Grant grant) {
    refreshTokens.put(value, new RefreshToken(grant, null));
  }

  /**
   * The grant of a refresh token. A replaced token that is used after its grace period counts as stolen, and its whole
   * family ends.
   */
  Grant grantOf(String refreshToken, FakeClient client) {
    var token = refreshTokens.get(refreshToken);
    if (token == null || revoked.contains(token.grant()) || !token.grant().client().id().equals(client.id())) {
      throw Refusal.invalidGrant("unknown or revoked refresh token");
    }
    var replacedAt = token.replacedAt();
    if (replacedAt != null && isPast(replacedAt.plus(knobs.rotationGrace))) {
      revoke(token.grant());
      throw Refusal.invalidGrant("the refresh token has been used before");
    }
    return token.grant();
  }

  /** Replaces this refresh token by a new one. */
  String rotate(String refreshToken, Grant grant) {
    if (knobs.provider.keepsThePreviousRefreshToken) {
      refreshTokens.entrySet()
          .removeIf(other -> other.getValue().grant().equals(grant) && !other.getKey().equals(refreshToken));
      return issueRefreshToken(grant);
    }
    refreshTokens.put(refreshToken, new RefreshToken(grant, knobs.clock.instant()));
    return issueRefreshToken(grant);
  }

  /** The valid refresh tokens: the current token of each family that has not ended. */
  Set<String> liveRefreshTokens() {
    return refreshTokens.entrySet().stream()
        .filter(token -> token.getValue().replacedAt() == null && !revoked.contains(token.getValue().grant()))
        .map(Map.Entry::getKey).collect(Collectors.toSet());
  }

  Optional<AccessToken> live(String accessToken) {
    return Optional.ofNullable(accessTokens.get(accessToken))
        .filter(token -> !isPast(token.expiresAt()) && !revoked.contains(token.grant()));
  }

  void expireAccessTokens() {
    accessTokens.clear();
  }

  /** The grant of an access token or a refresh token. */
  Optional<Grant> find(String token) {
    return Optional.ofNullable(refreshTokens.get(token)).map(RefreshToken::grant)
        .or(() -> Optional.ofNullable(accessTokens.get(token)).map(AccessToken::grant));
  }

  boolean isRefreshToken(String token) {
    return refreshTokens.containsKey(token);
  }

  /** Revokes all families of a client. */
  void revokeAll(FakeClient client) {
    Stream.concat(refreshTokens.values().stream().map(RefreshToken::grant),
        accessTokens.values().stream().map(AccessToken::grant))
        .filter(grant -> grant.client().id().equals(client.id())).toList().forEach(this::revoke);
  }

  /** Revokes an access token alone, or a refresh token together with its family (RFC 7009 §2.1). */
  void revoke(String token) {
    if (!knobs.forgets) return;
    accessTokens.remove(token);
    var refreshToken = refreshTokens.get(token);
    if (refreshToken != null) revoke(refreshToken.grant());
  }

  private void revoke(Grant grant) {
    revoked.add(grant);
  }

  void restore(Grant grant) {
    revoked.remove(grant);
  }

  private boolean isPast(Instant instant) {
    return !knobs.clock.instant().isBefore(instant);
  }
}
