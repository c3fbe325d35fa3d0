package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Challenge;
import social.avatarai.mcp.discovery.DiscoveredResource;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.discovery.Discovery.Probe;
import social.avatarai.mcp.discovery.IssuerMigration;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.McpTransport.Peer;
import social.avatarai.mcp.token.Freshness;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Refresher;
import social.avatarai.mcp.token.Replaceable;

/**
 * Asks MCP servers for something with a user's grant, a caller's own token, or nothing: 401 with a token → refresh once →
 * retry once; 403 {@code insufficient_scope} → step-up; otherwise consent.
 */
public final class GrantedAccess {
  /** Use is noted at most this often: it decides how a grant is refreshed, and is not worth a write per call. */
  private static final Duration BETWEEN_NOTES = Duration.ofHours(1);

  private final McpClient client;
  private final Discovery discovery;
  private final IssuerMigration migration;
  private final Refresher refresher;
  private final Grants grants;
  private final Clock clock;

  public GrantedAccess(McpClient client, Discovery discovery, IssuerMigration migration, Refresher refresher,
      Grants grants, Clock clock) {
    this.client = client;
    this.discovery = discovery;
    this.migration = migration;
    this.refresher = refresher;
    this.grants = grants;
    this.clock = clock;
  }

  /**
   * What is asked, of which server.
   *
   * @param user who asks
   * @param server the MCP server
   * @param request the request; null for the server's description of itself
   */
  public record Asking(UserId user, EndpointUrl server, @Nullable McpRequest request) {}

  /** Asks with a token that is not ours to keep, or with none; what was agreed on with the server ends with it. */
  public Access relayed(Asking asking, @Nullable AccessToken token, Deadline deadline) {
    return relayed(asking, token, ask(asking, token, null, deadline),
        wire -> client.leave(peer(asking, token), wire, deadline), deadline);
  }

  /**
   * Asks without a token, over what was agreed on before.
   *
   * @param kept what was agreed on; null before the first request
   * @param keeper is given what is agreed on now, where that is another
   */
  public Access open(Asking asking, @Nullable NegotiatedProtocol kept, Consumer<NegotiatedProtocol> keeper,
      Deadline deadline) {
    return relayed(asking, null, ask(asking, null, kept, deadline), wire -> {
      if (!wire.equals(kept)) keeper.accept(wire);
    }, deadline);
  }

  private Access relayed(Asking asking, @Nullable AccessToken token, McpResponse answer,
      Consumer<NegotiatedProtocol> after,
      Deadline deadline) {
    return switch (answer) {
      case McpResponse.Result(var result, var wire) -> {
        if (wire != null) after.accept(wire);
        yield new Access.Answered(shown(asking, result, wire));
      }
      case McpResponse.RpcError(var error, int status, var wire) -> {
        if (wire != null) after.accept(wire);
        yield new Access.RpcError(error, status);
      }
      case McpResponse.Unauthorized _ when token != null -> throw McpFailures.accessTokenRejected(401);
      case McpResponse.Forbidden _ when token != null -> throw McpFailures.accessTokenRejected(403);
      case McpResponse.Unauthorized(var challenge) -> consent(asking, new Probe(401, challenge), deadline);
      case McpResponse.Forbidden(var challenge) when challenge.isPresent() ->
        consent(asking, new Probe(403, challenge), deadline);
      case McpResponse.Forbidden _ -> throw McpFailures.refusedWithoutToken(403);
      case McpResponse.Unusable unusable -> throw McpFailures.of(unusable);
    };
  }

  /** Asks with a stored grant. */
  public Access granted(Asking asking, Grant stored, Deadline deadline) {
    requireCovered(asking, stored);
    var grant = noteUse(stored);
    return switch (refresher.fresh(grant, deadline)) {
      case Freshness.ConsentNeeded _ -> consent(grant, deadline);
      case Freshness.Later later -> throw cannotRenew(later);
      case Freshness.Fresh(var fresh) -> switch (ask(asking, fresh, deadline)) {
        case McpResponse.Unauthorized(var challenge) -> refreshAndRetry(asking, fresh, challenge, deadline);
        case McpResponse answer -> judge(asking, fresh, answer, deadline);
      };
    };
  }

  /** A stored token goes to the resource it was granted for and nowhere else, whoever found the grant. */
  private static void requireCovered(Asking asking, Grant grant) {
    if (grant.covers(asking.server())) return;
    throw new Failure.NotPermitted(ErrorCode.FORBIDDEN, "The grant is for another resource.");
  }

  private Access refreshAndRetry(Asking asking, Grant refused, Optional<Challenge> challenge, Deadline deadline) {
    var migrated = migratedTo(asking, refused, challenge, deadline);
    if (migrated.isPresent()) {
      return new Access.ConsentNeeded(migrated.get(),
          new Replaceable.MigratedGrant(refused.id()), refused.key().connection());
    }
    // Read again: this copy is as old as the request was long, and its refresh token may be spent by now.
    var current = grants.read(refused.key());
    boolean same = current.filter(refused::isSameVersion).isPresent();
    return switch (same || current.isEmpty()
        ? refresher.newerThan(refused, deadline)
        : new Freshness.Fresh(current.get())) {
      case Freshness.ConsentNeeded _ -> consent(refused, deadline);
      case Freshness.Later later -> throw cannotRenew(later);
      case Freshness.Fresh(var newer) -> {
        requireCovered(asking, newer);
        yield judge(asking, newer, ask(asking, newer, deadline), deadline);
      }
    };
  }

  /**
   * The grant's own server under another authorization server: what the former one renews is of no use to it. What another
   * server of the same resource says of its authorization server does not count.
   */
  private Optional<DiscoveredResource> migratedTo(Asking asking, Grant refused, Optional<Challenge> challenge,
      Deadline deadline) {
    // A token we hold is refused: what we know of the server may be out of date, its authorization server included.
    if (!asking.server().equals(refused.target().serverUrl())) {
      discovery.forget(asking.server());
      return Optional.empty();
    }
    return migration.away(refused.target().issuer(), asking.server(), new Probe(401, challenge), deadline);
  }

  private McpResponse ask(Asking asking, Grant grant, Deadline deadline) {
    var kept = isOfServer(asking, grant) ? grant.wire() : null;
    return ask(asking, grant.tokens().accessToken(), kept, deadline);
  }

  /** Whether the URL is the one of the grant's server. What was agreed there, a session too, is for that URL alone. */
  private static boolean isOfServer(Asking asking, Grant grant) {
    return grant.target().serverUrl().isSame(asking.server());
  }

  private McpResponse ask(Asking asking, @Nullable AccessToken token, @Nullable NegotiatedProtocol wire,
      Deadline deadline) {
    var peer = peer(asking, token);
    return asking.request() == null
        ? client.describe(peer, deadline)
        : client.request(peer, asking.request(), wire, deadline);
  }

  private static Peer peer(Asking asking, @Nullable AccessToken token) {
    return new Peer(asking.user(), asking.server(), token);
  }

  private Access judge(Asking asking, Grant grant, McpResponse answer, Deadline deadline) {
    return switch (answer) {
      case McpResponse.Result(var result, var wire) -> {
        keepOrLeave(asking, grant, wire, deadline);
        yield new Access.Answered(shown(asking, result, wire));
      }
      case McpResponse.RpcError(var error, int status, var wire) -> {
        keepOrLeave(asking, grant, wire, deadline);
        yield new Access.RpcError(error, status);
      }
      case McpResponse.Unauthorized _ -> new Access.Rejected(401);
      case McpResponse.Forbidden(var challenge) -> stepUp(asking, grant, challenge, deadline);
      case McpResponse.Unusable unusable -> throw McpFailures.of(unusable);
    };
  }

  /** A step-up asks for the union; where the challenge adds nothing to what is granted, asking again is no use. */
  private Access stepUp(Asking asking, Grant grant, Optional<Challenge> challenge, Deadline deadline) {
    var granted = grant.tokens().scope();
    var missing = challenge.filter(Challenge::isInsufficientScope).map(Challenge::scope).orElse(Scopes.none());
    if (granted.containsAll(missing)) return new Access.Rejected(403);
    var resource = discovery.resource(asking.server(), new Probe(403, challenge), deadline);
    var client = grant.client();
    return new Access.StepUpNeeded(ofServer(grant, resource, deadline), granted.union(missing),
        grant.target().issuer(), client.isNamedByCaller() ? client.id() : null, grant.key().connection());
  }

  /** After a request without a token. */
  private Access consent(Asking asking, Probe refused, Deadline deadline) {
    var resource = refused.challenge().isPresent()
        ? discovery.resource(asking.server(), refused, deadline)
        : discovery.resource(asking.server(), client, deadline);
    return new Access.ConsentNeeded(resource, new Replaceable.SameIssuer(), null);
  }

  private Access consent(Grant grant, Deadline deadline) {
    var resource = discovery.resource(grant.target().serverUrl(), client, deadline);
    return new Access.ConsentNeeded(resource, new Replaceable.SameIssuer(), grant.key().connection());
  }

  /** A consent is for the server of the grant, whichever URL below it was asked. */
  private DiscoveredResource ofServer(Grant grant, DiscoveredResource found, Deadline deadline) {
    var server = grant.target().serverUrl();
    return server.equals(found.server()) ? found : discovery.resource(server, client, deadline);
  }

  private Grant noteUse(Grant grant) {
    var now = clock.instant();
    if (grant.state().lastUsed().plus(BETWEEN_NOTES).isAfter(now)) return grant;
    grants.noteUse(grant, now);
    return grant.usedAt(now);
  }

  private void keepOrLeave(Asking asking, Grant grant, @Nullable NegotiatedProtocol wire, Deadline deadline) {
    if (wire == null) return;
    if (!isOfServer(asking, grant)) client.leave(peer(asking, grant.tokens().accessToken()), wire, deadline);
    else if (!wire.equals(grant.wire())) grants.keepWire(grant, wire);
  }

  /**
   * The guide's names, whatever the wire: {@code version} is what was agreed on, {@code serverInfo} what the server calls
   * itself, which the stateless wire has in {@code _meta}.
   */
  private static JsonNode shown(Asking asking, JsonNode result, @Nullable NegotiatedProtocol wire) {
    if (asking.request() != null || wire == null || !result.isObject()) return result;
    var shown = Json.newObject().put("version", wire.protocolVersion());
    JsonNode serverInfo = result.path("_meta").path("io.modelcontextprotocol/serverInfo");
    if (serverInfo.isObject()) shown.set("serverInfo", serverInfo);
    result.properties().stream().filter(member -> !member.getKey().equals("protocolVersion"))
        .forEach(member -> shown.set(member.getKey(), member.getValue()));
    return shown;
  }

  private static Failure cannotRenew(Freshness.Later later) {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE,
        "The authorization server cannot renew the token now; it will be tried again.", "", false)
        .withUpstreamStatus(later.upstreamStatus()).withRetryAt(later.notBefore());
  }
}
