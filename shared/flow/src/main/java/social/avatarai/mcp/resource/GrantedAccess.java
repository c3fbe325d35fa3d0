package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.EnteredCredentials;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Challenge;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.discovery.IssuerMigration;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.registration.CallCount;
import social.avatarai.mcp.resource.McpTransport.Peer;
import social.avatarai.mcp.token.Freshness;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Refresher;

/**
 * Asks MCP servers for something with a user's grant, with a caller's own token, or without a token. 401 with a grant
 * leads to one refresh and one retry; 403 {@code insufficient_scope} leads to a step-up; a dead grant, or a server that
 * asks for a token, leads to consent.
 */
public final class GrantedAccess {
  /** The last use of a grant is written at most this often: it only decides how the grant is refreshed. */
  private static final Duration MIN_BETWEEN_NOTES = Duration.ofHours(1);

  /** A token that was renewed within this time is not renewed again because its server refuses it. */
  private static final Duration MIN_AGE_TO_RENEW = Duration.ofMinutes(5);
  /** The same while the server refuses renewed tokens: another token may help, for example after a restart. */
  private static final Duration MIN_AGE_WHILE_REJECTED = Duration.ofHours(1);

  private final McpClient client;
  private final RefusedAccess refusedAccess;
  private final UngrantedAccess ungrantedAccess;
  private final IssuerRules rules;
  private final Refresher refresher;
  private final Grants grants;
  private final Clock clock;

  public GrantedAccess(McpClient client, Discovery discovery, IssuerMigration migration, IssuerRules rules,
      Refresher refresher, Grants grants, Clock clock) {
    this.client = client;
    this.refusedAccess = new RefusedAccess(client, discovery, migration);
    this.ungrantedAccess = new UngrantedAccess(client, refusedAccess);
    this.rules = rules;
    this.refresher = refresher;
    this.grants = grants;
    this.clock = clock;
  }

  /**
   * What a user asks a server for.
   *
   * @param user the user who asks
   * @param server the MCP server
   * @param request the request; null for the server's description of itself
   * @param count counts the call, where a step of it must be counted
   * @param hasRecordedIssuer whether the server's record names an issuer and the user's client there. The user may then
   *        be asked for consent even if the server publishes no metadata
   * @param entered the credentials that the user has entered for the server
   * @param declared what the server's record says about its transport
   */
  public record Asking(UserId user, EndpointUrl server, @Nullable McpRequest request, CallCount count,
      boolean hasRecordedIssuer, EnteredCredentials entered, DeclaredTransport declared) {

    /** Asks a server without its record. */
    public Asking(UserId user, EndpointUrl server, @Nullable McpRequest request, CallCount count) {
      this(user, server, request, count, false, EnteredCredentials.none(), DeclaredTransport.HTTP);
    }

    /** Asks a server of the registry, at its URL or at the URL that it redirects to. */
    public static Asking ofRecord(McpServer server, EndpointUrl url, @Nullable McpRequest request, CallCount count) {
      return new Asking(server.key().user(), url, request, count, server.terms().namesClient(), server.entered(),
          DeclaredTransport.of(server));
    }

    /**
     * The same with what the grant repeats of its server's record. The record says nothing about the servers below that
     * URL.
     */
    Asking declaredBy(Grant grant) {
      boolean isOfRecord = grant.target().serverUrl().withoutQuery().isSame(server.withoutQuery());
      return new Asking(user, server, request, count, hasRecordedIssuer, entered,
          isOfRecord ? DeclaredTransport.of(grant) : DeclaredTransport.HTTP);
    }

    Peer peer(@Nullable AccessToken token) {
      return new Peer(user, server, token, entered, declared);
    }

    McpResponse send(McpClient client, @Nullable AccessToken token, Agreements agreements, Deadline deadline) {
      return request == null
          ? client.describe(peer(token), agreements, deadline)
          : client.request(peer(token), request, agreements, deadline);
    }

    /** The result as the caller gets it. */
    Access answered(JsonNode result, NegotiatedProtocol protocol) {
      return new Access.Answered(request != null ? result : ServerDescription.of(result, protocol),
          protocol.typesResults());
    }
  }

  /**
   * Asks with a token that is not stored, or without a token. What was agreed on with the server is not kept either.
   */
  public Access relayed(Asking asking, @Nullable AccessToken token, Deadline deadline) {
    return ungrantedAccess.relayed(asking, token, deadline);
  }

  /**
   * Asks without a token, over what was agreed on before.
   *
   * @param agreements what was agreed on, and where it is kept
   */
  public Access open(Asking asking, Agreements agreements, Deadline deadline) {
    return ungrantedAccess.open(asking, agreements, deadline);
  }

  /**
   * Reads what a server offers, with the token of a grant. Another token is not tried, and nothing is noted about the
   * grant.
   *
   * @param description the server's description of itself; null to ask for it
   */
  public Offered offered(Asking asking, Grant grant, @Nullable JsonNode description, Deadline deadline) {
    requireCovered(asking, grant);
    return new OfferReader(client, peer(asking, grant), agreements(asking, grant), deadline)
        .read(description);
  }

  /** The same without a token, over what was agreed on before. */
  public Offered offered(Asking asking, Agreements agreements, @Nullable JsonNode description, Deadline deadline) {
    return new OfferReader(client, asking.peer(null), agreements, deadline).read(description);
  }

  /**
   * Whether a call with this grant, as it was read, writes into its row: the first call of a grant keeps what is agreed
   * on, and once an hour a call notes the use.
   */
  public boolean isNoted(Grant read) {
    return read.protocol() == null || isUseNoted(read);
  }

  private boolean isUseNoted(Grant grant) {
    return !grant.state().lastUsed().plus(MIN_BETWEEN_NOTES).isAfter(clock.instant());
  }

  /** Asks with a stored grant. */
  public Access granted(Asking asking, Grant stored, Deadline deadline) {
    requireCovered(asking, stored);
    var grant = noteUse(stored);
    return switch (refresher.fresh(grant, deadline)) {
      case Freshness.ConsentNeeded _ -> refusedAccess.consent(asking, grant, deadline);
      case Freshness.Later later -> cannotRenewNow(asking, grant, later);
      case Freshness.Fresh(var fresh) -> switch (ask(asking, fresh, deadline)) {
        case McpResponse.Unauthorized(var challenge) -> refreshAndRetry(asking, grant, fresh, challenge, deadline);
        case McpResponse response -> judge(asking, fresh, response, deadline);
      };
    };
  }

  /** A stored token is sent to the resource of its grant and nowhere else, whichever code has found the grant. */
  private void requireCovered(Asking asking, Grant grant) {
    var server = asking.server();
    if (grant.covers(server) && rules.mayBeUsedAt(server, grant.target().serverUrl())) return;
    throw new Failure.NotPermitted(ErrorCode.FORBIDDEN, "The grant is for another resource.");
  }

  /**
   * @param read the grant as the call has found it
   * @param refused the grant whose token the server has refused: this one, or the one that it was renewed to
   */
  private Access refreshAndRetry(Asking asking, Grant read, Grant refused, Optional<Challenge> challenge,
      Deadline deadline) {
    var migration = refusedAccess.migration(asking, refused, challenge, deadline);
    if (migration.isPresent()) {
      // Otherwise the connection would look usable, although no token of this issuer is taken any more.
      refresher.noteRejected(refused);
      return migration.get();
    }
    // Read the grant again: this copy is as old as the request was long, and its refresh token may be used up by now.
    var current = grants.read(refused.key());
    boolean same = current.filter(refused::isSameVersion).isPresent();
    if (same && isJustRenewed(refused) && !hasEndedBeforeItCame(read, refused))
      return stillRefused(asking, refused, challenge, deadline);
    return switch (same || current.isEmpty()
        ? refresher.newerThan(refused, deadline)
        : new Freshness.Fresh(current.get())) {
      case Freshness.ConsentNeeded _ -> inNewSession(asking, refused, challenge, deadline)
          .orElseGet(() -> refusedForGood(asking, refused, deadline));
      case Freshness.Later later -> inNewSession(asking, refused, challenge, deadline)
          .orElseGet(() -> cannotRenewNow(asking, refused, later));
      case Freshness.Fresh(var newer) -> {
        requireCovered(asking, newer);
        var response = askInNewSession(asking, newer, ask(asking, newer, deadline), deadline);
        yield judge(asking, newer, response, deadline);
      }
    };
  }

  /**
   * There is no other token: only a consent helps. A grant with a refresh token has ended in the refresh, which has noted
   * why. Without a refresh token nothing was noted yet, and the connection would look usable.
   */
  private Access refusedForGood(Asking asking, Grant refused, Deadline deadline) {
    if (refused.tokens().refreshToken() == null) refresher.noteRejected(refused);
    return refusedAccess.consent(asking, refused, deadline);
  }

  /** Another token would not help. */
  private Access stillRefused(Asking asking, Grant refused, Optional<Challenge> challenge, Deadline deadline) {
    return inNewSession(asking, refused, challenge, deadline)
        .orElseGet(() -> judge(asking, refused, new McpResponse.Unauthorized(challenge), deadline));
  }

  /** The last way where no other token can be had, or would not help: the server may mean the session. */
  private Optional<Access> inNewSession(Asking asking, Grant refused, Optional<Challenge> challenge,
      Deadline deadline) {
    var again = askInNewSession(asking, refused, new McpResponse.Unauthorized(challenge), deadline);
    return again instanceof McpResponse.Unauthorized
        ? Optional.empty()
        : Optional.of(judge(asking, refused, again, deadline));
  }

  /**
   * A server that refuses a token which was renewed a moment ago does not wait for another one. If it refuses renewed
   * tokens again and again, each renewal is useless, so there is only one in a longer time.
   */
  private boolean isJustRenewed(Grant grant) {
    return grant.version() > 1 && isYoung(grant);
  }

  private boolean isYoung(Grant grant) {
    var age = grant.state().isRejected() ? MIN_AGE_WHILE_REJECTED : MIN_AGE_TO_RENEW;
    return grant.tokens().obtainedAt().plus(age).isAfter(clock.instant());
  }

  /**
   * Whether another token does help, because the renewed one had ended before it came: Neon repeats the response to the
   * first use of a refresh token for days. An issuer whose tokens all end so would cost each call two renewals. So this
   * counts once: not where the token before came a moment ago too, and not while the server refuses renewed tokens.
   */
  private boolean hasEndedBeforeItCame(Grant read, Grant refused) {
    return refused.tokens().isExpired(clock.instant()) && !refused.state().isRejected()
        && (read.isSameVersion(refused) || !isYoung(read));
  }

  /** Asks once more where a renewed token is refused with 401: the server may mean the session. */
  private McpResponse askInNewSession(Asking asking, Grant grant, McpResponse response, Deadline deadline) {
    if (!(response instanceof McpResponse.Unauthorized) || asking.request() == null) return response;
    return client.requestInNewSession(peer(asking, grant), asking.request(),
        agreements(asking, grant), deadline).orElse(response);
  }

  private McpResponse ask(Asking asking, Grant grant, Deadline deadline) {
    return asking.declaredBy(grant).send(client, grant.tokens().accessToken(), agreements(asking, grant), deadline);
  }

  private static Peer peer(Asking asking, Grant grant) {
    return asking.declaredBy(grant).peer(grant.tokens().accessToken());
  }

  private Agreements agreements(Asking asking, Grant grant) {
    return new Agreements() {
      @Override
      public @Nullable NegotiatedProtocol kept() {
        return isOfServer(asking, grant) ? grant.protocol() : null;
      }

      @Override
      public boolean keep(NegotiatedProtocol agreed) {
        return isOfServer(asking, grant) && (agreed.equals(grant.protocol()) || grants.keepProtocol(grant, agreed));
      }

      @Override
      public void forget() {
        if (kept() != null) grants.forgetProtocol(grant);
      }
    };
  }

  /** Whether the URL is that of the grant's server. An agreement made there, and a session, are for that URL alone. */
  private static boolean isOfServer(Asking asking, Grant grant) {
    return grant.target().serverUrl().isSame(asking.server());
  }

  private Access judge(Asking asking, Grant grant, McpResponse response, Deadline deadline) {
    return switch (response) {
      case McpResponse.Result(var result, var protocol) -> {
        refresher.noteAccepted(grant);
        yield asking.answered(result, protocol);
      }
      case McpResponse.RpcError(var error, int status) -> {
        refresher.noteAccepted(grant);
        yield new Access.RpcError(error, status);
      }
      case McpResponse.Unauthorized _ -> {
        refresher.noteRejected(grant);
        yield rejected(asking, grant);
      }
      case McpResponse.Forbidden(var challenge) -> refusedAccess.stepUp(asking, grant, challenge, deadline);
      case McpResponse.Unusable unusable -> throw McpFailures.of(unusable);
    };
  }

  private Grant noteUse(Grant grant) {
    if (!isUseNoted(grant)) return grant;
    var now = clock.instant();
    grants.noteUse(grant, now);
    return grant.usedAt(now);
  }

  private static Access rejected(Asking asking, Grant grant) {
    return noUsableToken(asking, grant, new Access.Rejected(401).failure());
  }

  private static Access noUsableToken(Asking asking, Grant grant, Failure failure) {
    return new Access.NoUsableToken(failure, grant.key().connection(), grant.target().serverUrl(), asking.count(),
        grant.isByRecord(), DeclaredTransport.of(grant));
  }

  /**
   * Where the authorization server has failed, a consent is the user's way out. Where another attempt is under way, or
   * too little time is left for one, the next call gets a token.
   */
  private Access cannotRenewNow(Asking asking, Grant grant, Freshness.Later later) {
    if (!grant.state().isFailing() && !later.notBefore().isAfter(clock.instant())) throw cannotRenew(later);
    return noUsableToken(asking, grant, cannotRenew(later));
  }

  private static Failure cannotRenew(Freshness.Later later) {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE,
        "The authorization server cannot renew the token now; it will be tried again. Wait, or connect again.", "",
        false)
        .withUpstreamStatus(later.upstreamStatus()).withRetryAt(later.notBefore());
  }
}
