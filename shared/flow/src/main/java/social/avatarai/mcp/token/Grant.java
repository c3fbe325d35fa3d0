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
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.registration.ClientIdentity;

/**
 * The tokens of a connection and all that is needed to renew them.
 *
 * @param key whose, and for which server
 * @param id which consent it came from
 * @param version counts the renewals of this grant, from 1: the fence of every write
 * @param target who gave it, for what
 * @param client who we are to the issuer
 * @param tokens the tokens themselves
 * @param state how it is doing
 * @param warnings what its user and operator should know
 * @param protocol what was agreed with the MCP server; null before the first call
 * @param enabled whether its server is switched on: a grant of one that is not is neither used nor renewed
 */
public record Grant(ConnectionKey key, GrantId id, long version, GrantTarget target, ClientIdentity client,
    Tokens tokens,
    GrantState state, Set<Warning> warnings, @Nullable NegotiatedProtocol protocol, boolean enabled) {

  public Grant {
    warnings = Set.copyOf(warnings);
  }

  /** A grant of a server that is switched on. */
  public Grant(ConnectionKey key, GrantId id, long version, GrantTarget target, ClientIdentity client, Tokens tokens,
      GrantState state, Set<Warning> warnings, @Nullable NegotiatedProtocol protocol) {
    this(key, id, version, target, client, tokens, state, warnings, protocol, true);
  }

  /** What is unusual about a connection, though it works. */
  public enum Warning {
    /** The server has no protected resource metadata: its own origin was taken as the issuer (MCP 2025-03-26). */
    LEGACY_DISCOVERY,
    /** The issuer does not advertise PKCE; a profile or the operator vouches for it. */
    PKCE_NOT_ADVERTISED,
    /** The access token lives longer than a day, or says no end. */
    LONG_LIVED_TOKEN,
    /** The server's record names a redirect URI under another base URL: the flow uses the one of this deployment. */
    REDIRECT_URI_ELSEWHERE,
    /**
     * Neither the user nor the deployment has registered the client here: it is taken for a public client of the user's.
     * Follows from the client, and is not stored.
     */
    CLIENT_NOT_REGISTERED_HERE;

    /** The word in responses. */
    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** What was noted, and what follows from the client. */
    public static Set<Warning> of(Set<Warning> noted, ClientIdentity client) {
      if (client.origin() != ClientIdentity.Origin.PUBLIC) return noted;
      var all = EnumSet.of(CLIENT_NOT_REGISTERED_HERE);
      all.addAll(noted);
      return all;
    }
  }

  /** The first version of the grant that a consent gives. */
  public static Grant first(ConnectionKey key, GrantTarget target, ClientIdentity client, Tokens tokens,
      Set<Warning> warnings, Instant now) {
    return new Grant(key, GrantId.fresh(), 1, target, client, tokens,
        GrantState.healthy(now, RefreshTiming.dueMinute(tokens, now, now)), warnings, null);
  }

  /** The same with the refresh token of the grant before: its issuer gives a user one refresh token, the first time. */
  public Grant withRefreshTokenOf(Grant before, Instant now) {
    var continued = new Tokens(tokens.accessToken(), before.tokens.refreshToken(), tokens.scope(), tokens.obtainedAt(),
        tokens.expiresAt());
    return new Grant(key, id, version, target, client, continued,
        GrantState.healthy(now, RefreshTiming.dueMinute(continued, now, now)), warnings, protocol, enabled);
  }

  /** This, unless its server is switched off: then {@code server_disabled}. */
  public Grant requireEnabled() {
    if (enabled) return this;
    throw new Failure.BadRequest(ErrorCode.SERVER_DISABLED, "The server is switched off in its record.");
  }

  /** Whether a request to this URL may carry its tokens. */
  public boolean covers(EndpointUrl url) {
    return target.covers(url);
  }

  /** Whether its user must consent again before it gives another access token. */
  boolean needsConsent(Instant now) {
    return state.needsReauthorization() || (tokens.refreshToken() == null && tokens.isExpired(now));
  }

  /** The next version, with renewed tokens. */
  public Grant renewed(Tokens fresh, GrantState next) {
    return new Grant(key, id, version + 1, target, client, fresh, next, warnings, protocol, enabled);
  }

  /** The same with another token endpoint of its issuer. */
  Grant at(EndpointUrl tokenEndpoint) {
    return new Grant(key, id, version, target.at(tokenEndpoint), client, tokens, state, warnings, protocol, enabled);
  }

  /** The same under another id. */
  Grant withId(GrantId other) {
    return new Grant(key, other, version, target, client, tokens, state, warnings, protocol, enabled);
  }

  /** Whether the other is this grant at this version. */
  public boolean isSameVersion(Grant other) {
    return id.equals(other.id) && version == other.version;
  }

  /** Whether the other is of the same issuer and client: some issuers end both with a revocation of one. */
  public boolean isOfSameClientAs(Grant other) {
    return target.issuer().equals(other.target.issuer()) && client.id().equals(other.client.id());
  }

  /** Whether the other is for the same server: at the same URL, whatever its query. */
  public boolean isOfSameServerAs(Grant other) {
    return target.serverUrl().withoutQuery().equals(other.target.serverUrl().withoutQuery());
  }

  /** The same, of a server that is switched on or off. */
  public Grant inUse(boolean on) {
    return new Grant(key, id, version, target, client, tokens, state, warnings, protocol, on);
  }

  /** The same with its server's URL as the server's record has it now; the two differ in the query at most. */
  public Grant servedAt(EndpointUrl url) {
    return new Grant(key, id, version, target.servedAt(url), client, tokens, state, warnings, protocol, enabled);
  }

  /** The same version in another state. */
  public Grant inState(GrantState next) {
    return new Grant(key, id, version, target, client, tokens, next, warnings, protocol, enabled);
  }

  /** The same, used at this moment. */
  public Grant usedAt(Instant now) {
    return inState(state.usedAt(now));
  }

  /** The same, to be looked at by the scheduled refresh in that minute. */
  Grant dueAt(long minute) {
    return inState(state.dueAt(minute));
  }
}
