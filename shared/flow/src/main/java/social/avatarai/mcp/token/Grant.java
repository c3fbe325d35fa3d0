package social.avatarai.mcp.token;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.discovery.Leniency;
import social.avatarai.mcp.registration.ClientIdentity;

/**
 * The tokens of a connection, and everything that is needed to renew them.
 *
 * @param key the user and the connection
 * @param id the consent that the grant comes from
 * @param version counts the versions of this grant, from 1; every write checks it
 * @param target the issuer and the resource
 * @param client our client identity at the issuer
 * @param tokens the tokens themselves
 * @param state the state of the grant
 * @param warnings what the user and the operator should know
 * @param protocol what was negotiated with the MCP server; null before the first call
 * @param enabled whether its server is switched on; otherwise the grant is neither used nor renewed
 * @param builtIn whether its server is a built-in one, which the operator may have changed since; see {@link GrantUse}
 * @param overSse whether the record of its server says that the server speaks HTTP+SSE
 */
public record Grant(ConnectionKey key, GrantId id, long version, GrantTarget target, ClientIdentity client,
    Tokens tokens,
    GrantState state, Set<Warning> warnings, @Nullable NegotiatedProtocol protocol, boolean enabled, boolean builtIn,
    boolean overSse) {

  public Grant {
    warnings = Set.copyOf(warnings);
    if (builtIn) InvocationSecrets.noteOperatorsQuery(target.serverUrl());
  }

  /** A grant of a server that is switched on. */
  public Grant(ConnectionKey key, GrantId id, long version, GrantTarget target, ClientIdentity client, Tokens tokens,
      GrantState state, Set<Warning> warnings, @Nullable NegotiatedProtocol protocol) {
    this(key, id, version, target, client, tokens, state, warnings, protocol, true, false, false);
  }

  /** What is unusual about a connection that works. */
  public enum Warning {
    /** The server has no protected resource metadata. Its own origin was taken as the issuer (MCP 2025-03-26). */
    LEGACY_DISCOVERY,
    /** Only the user's own server record binds the issuer to the server, or states the issuer's endpoints. */
    ISSUER_BY_RECORD,
    /** The issuer does not advertise PKCE. A profile, the operator or the user's record says that it supports PKCE. */
    PKCE_NOT_ADVERTISED,
    /** The issuer is on another site than the server, and only the server's own metadata, or the user's record, ties them. */
    FOREIGN_ISSUER,
    /** An endpoint of the issuer is on another site than the issuer. */
    FOREIGN_ENDPOINTS,
    /** The access token lives longer than a day, or has no known end. */
    LONG_LIVED_TOKEN,
    /** The server's record names a redirect URI under another base URL. The flow uses the one of this deployment. */
    REDIRECT_URI_ELSEWHERE,
    /** Only the operator's setting, or a profile, binds the issuer to the server. The server's metadata does not. */
    ISSUER_BY_DEPLOYMENT,
    /** A profile has the endpoints of the issuer. They are not those that the issuer publishes. */
    METADATA_BY_PROFILE,
    /** The issuer's metadata names another issuer. A profile says that this is right. */
    ISSUER_RENAMED,
    /** The issuer knows no resources, as its profile says: its tokens may be good for more than this server. */
    RESOURCE_NOT_SENT,
    /** A profile says that the issuer's tokens do not name the resource as their audience, so it is not compared. */
    AUDIENCE_UNCHECKED,
    /** The consent used the redirect URI that several issuers share, as a profile or the operator allows. */
    SHARED_CALLBACK,
    /** The issuer gave more scopes than were asked for, or than the user had granted before a refresh. */
    SCOPE_WIDENED,
    /**
     * A later consent came back as another account, and waits for the user's decision. This warning follows from the
     * {@link AccountChange} and is not stored.
     */
    ACCOUNT_CHANGED,
    /**
     * Neither the user nor the deployment has registered the client here. It is used as a public client of the user.
     * This warning follows from the client and is not stored.
     */
    CLIENT_NOT_REGISTERED_HERE;

    /** The word in responses. */
    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** The warnings of what a profile or a setting allows. */
    public static Set<Warning> of(Set<Leniency> leniencies) {
      var warnings = EnumSet.noneOf(Warning.class);
      for (var leniency : leniencies) {
        warnings.add(switch (leniency) {
          case ISSUER_BY_DEPLOYMENT -> ISSUER_BY_DEPLOYMENT;
          case METADATA_BY_PROFILE -> METADATA_BY_PROFILE;
          case ISSUER_RENAMED -> ISSUER_RENAMED;
          case RESOURCE_NOT_SENT -> RESOURCE_NOT_SENT;
          case AUDIENCE_UNCHECKED -> AUDIENCE_UNCHECKED;
        });
      }
      return warnings;
    }

    /** The stored warnings, and the warning that follows from the client. */
    public static Set<Warning> of(Set<Warning> noted, ClientIdentity client) {
      if (client.origin() != ClientIdentity.Origin.PUBLIC) return noted;
      var all = EnumSet.of(CLIENT_NOT_REGISTERED_HERE);
      all.addAll(noted);
      return all;
    }

    /** These warnings, with {@link #LONG_LIVED_TOKEN} only if the access token is long-lived. */
    private static Set<Warning> withLifeOf(Tokens tokens, Set<Warning> others) {
      var all = EnumSet.of(LONG_LIVED_TOKEN);
      all.addAll(others);
      if (!tokens.isLongLived()) all.remove(LONG_LIVED_TOKEN);
      return all;
    }
  }

  /** The first version of the grant of a consent. How long its tokens live is judged here. */
  public static Grant first(ConnectionKey key, GrantTarget target, ClientIdentity client, Tokens tokens,
      Set<Warning> warnings, Instant now) {
    return new Grant(key, GrantId.fresh(), 1, target, client, tokens,
        GrantState.healthy(now, RefreshTiming.standard().dueMinute(tokens, now, now)),
        Warning.withLifeOf(tokens, warnings), null);
  }

  /** The same with the refresh token of the grant before, for an issuer that gives a refresh token only once. */
  public Grant withRefreshTokenOf(Grant before, Instant now) {
    var continued = new Tokens(tokens.accessToken(), before.tokens.refreshToken(), tokens.scope(), tokens.obtainedAt(),
        tokens.expiresAt(), tokens.identity());
    return new Grant(key, id, version, target, client, continued,
        GrantState.healthy(now, RefreshTiming.standard().dueMinute(continued, now, now)), warnings, protocol, enabled,
        builtIn, overSse);
  }

  /** This grant; {@code server_disabled} if its server is switched off. */
  public Grant requireEnabled() {
    if (enabled) return this;
    throw new Failure.BadRequest(ErrorCode.SERVER_DISABLED, "The server is switched off in its record.");
  }

  /** Whether only the user's own record binds the issuer to the server. */
  public boolean isByRecord() {
    return warnings.contains(Warning.ISSUER_BY_RECORD);
  }

  /** Whether a request to this URL may carry the access token. */
  public boolean covers(EndpointUrl url) {
    return target.covers(url);
  }

  /** Whether the user must consent again before there is a usable access token. */
  boolean needsConsent(Instant now) {
    return state.needsReauthorization() || (tokens.refreshToken() == null && tokens.isExpired(now));
  }

  /** The next version, with renewed tokens. How long they live is judged again. */
  public Grant renewed(Tokens fresh, GrantState next) {
    return new Grant(key, id, version + 1, target, client, fresh, next, Warning.withLifeOf(fresh, warnings), protocol,
        enabled, builtIn, overSse);
  }

  /** The same with another warning. */
  Grant warnedOf(Warning warning) {
    var all = EnumSet.of(warning);
    all.addAll(warnings);
    return new Grant(key, id, version, target, client, tokens, state, all, protocol, enabled, builtIn, overSse);
  }

  /** The same with another token endpoint of its issuer. */
  Grant at(EndpointUrl tokenEndpoint) {
    return new Grant(key, id, version, target.at(tokenEndpoint), client, tokens, state, warnings, protocol, enabled,
        builtIn, overSse);
  }

  /** The same under another id. */
  Grant withId(GrantId other) {
    return new Grant(key, other, version, target, client, tokens, state, warnings, protocol, enabled, builtIn, overSse);
  }

  /** Whether the other is the same grant at the same version. */
  public boolean isSameVersion(Grant other) {
    return id.equals(other.id) && version == other.version;
  }

  /**
   * Whether the other has the same issuer, in either spelling, and the same client. Some issuers end both grants if one is
   * revoked.
   */
  public boolean isOfSameClientAs(Grant other) {
    return target.issuer().means(other.target.issuer()) && client.id().equals(other.client.id());
  }

  /**
   * Whether the other is known to belong to another account at the same issuer. An issuer that spells itself with one
   * slash more or less than before still has the same accounts.
   */
  public boolean isOfOtherAccountThan(Grant other) {
    return target.issuer().means(other.target.issuer()) && Identity.differ(tokens.identity(), other.tokens.identity());
  }

  /** Whether both are known to belong to the same account at the same issuer, in either spelling. */
  public boolean isOfSameAccountAs(Grant other) {
    return target.issuer().means(other.target.issuer())
        && Identity.areSame(tokens.identity(), other.tokens.identity());
  }

  /** Whether the other is for the same server: at the same URL, whatever its query. */
  public boolean isOfSameServerAs(Grant other) {
    return target.serverUrl().withoutQuery().equals(other.target.serverUrl().withoutQuery());
  }

  /** The same, of a server that is switched on or off. */
  public Grant inUse(boolean on) {
    return new Grant(key, id, version, target, client, tokens, state, warnings, protocol, on, builtIn, overSse);
  }

  /** The same, of a built-in server or of the user's own. */
  public Grant ofBuiltIn(boolean isBuiltIn) {
    return new Grant(key, id, version, target, client, tokens, state, warnings, protocol, enabled, isBuiltIn,
        overSse);
  }

  /** The same, of a server whose record says that it speaks HTTP+SSE, or does not say so. */
  public Grant declaredOverSse(boolean isOverSse) {
    return new Grant(key, id, version, target, client, tokens, state, warnings, protocol, enabled, builtIn, isOverSse);
  }

  /** Whether the server of the other is asked at the same URL, with its query, and over the same transport. */
  public boolean isAskedAs(Grant other) {
    return target.serverUrl().equals(other.target.serverUrl()) && overSse == other.overSse;
  }

  /** The same with the server's URL from the server's record now. The two URLs may differ in the query only. */
  public Grant servedAt(EndpointUrl url) {
    return new Grant(key, id, version, target.servedAt(url), client, tokens, state, warnings, protocol, enabled,
        builtIn, overSse);
  }

  /** The same version in another state. */
  public Grant inState(GrantState next) {
    return new Grant(key, id, version, target, client, tokens, next, warnings, protocol, enabled, builtIn, overSse);
  }

  /** The same, used at this moment. */
  public Grant usedAt(Instant now) {
    return inState(state.usedAt(now));
  }
}
