package social.avatarai.mcp.server;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.BrowserKey;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.authorization.AuthorizationStarter;
import social.avatarai.mcp.authorization.AuthorizationStarter.Beginning;
import social.avatarai.mcp.authorization.AuthorizationStarter.Begun;
import social.avatarai.mcp.discovery.DiscoveredResource;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.record.ConnectionNotes;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.RecordFollower;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.resource.GrantedAccess;
import social.avatarai.mcp.resource.GrantedAccess.Asking;
import social.avatarai.mcp.resource.McpClient;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.HeldGrants;
import social.avatarai.mcp.token.Replaceable;

/**
 * Connects a user's server: asks the server for its description, with the grant where there is one. Where the server
 * wants consent, begins a flow with the issuer, client and scopes that the record names.
 */
public final class Connector {
  /** Time that the request to the server leaves for noting its outcome. */
  private static final Duration TIME_FOR_NOTE = Duration.ofMillis(500);

  private final ServerRegistry registry;
  private final ConnectionViews views;
  private final ConnectionNotes notes;
  private final HeldGrants heldGrants;
  private final RecordFollower follower;
  private final GrantedAccess access;
  private final McpClient client;
  private final Discovery discovery;
  private final AuthorizationStarter starter;

  public Connector(ServerRegistry registry, ConnectionViews views, ConnectionNotes notes, HeldGrants heldGrants,
      RecordFollower follower, GrantedAccess access, McpClient client, Discovery discovery,
      AuthorizationStarter starter) {
    this.registry = registry;
    this.views = views;
    this.notes = notes;
    this.heldGrants = heldGrants;
    this.follower = follower;
    this.access = access;
    this.client = client;
    this.discovery = discovery;
    this.starter = starter;
  }

  /**
   * What a user wants to connect, and how the browser gets back.
   *
   * @param key the user and the server's {@code mcpId}
   * @param browser the browser's key, kept from an earlier flow or new
   * @param returnTo where the browser goes in the end; null for this service's own page
   * @param replaceable the grants that the new grant may replace, as the caller allows
   */
  public record Wish(ConnectionKey key, BrowserKey browser, @Nullable String returnTo, Replaceable replaceable) {}

  /** Connects a server. A failure is noted in the record. */
  public Connecting connect(Wish wish, Invocation at) {
    var server = registry.enabled(wish.key());
    return noting(server, () -> connect(server, wish,
        new Invocation(at.base(), Deadline.in(at.deadline().remaining().minus(TIME_FOR_NOTE)))));
  }

  private <T> T noting(McpServer server, Supplier<T> step) {
    try {
      views.requireReachable(server.url());
      return step.get();
    } catch (Failure failure) {
      notes.failed(server, failure);
      throw failure;
    }
  }

  private Connecting connect(McpServer server, Wish wish, Invocation at) {
    var grant = heldGrants.findOpened(wish.key()).filter(server::isServedBy).map(held -> follower.follow(held, server));
    return switch (ask(server, grant, at.deadline())) {
      case Access.Answered _ -> connected(server);
      case Access.RpcError refused -> refused(server, refused);
      case Access.ConsentNeeded needed ->
        required(begin(server, beginning(wish, needed.resource(), needed.replaceable()), at));
      case Access.StepUpNeeded more -> {
        starter.countStepUp(wish.key());
        yield required(begin(server, new Beginning(wish.key(), more.resource(), more.issuer(), more.clientId(), null,
            more.required(), wish.browser(), wish.returnTo(), wish.replaceable()), at));
      }
      // The issuer renews the token, but the server refuses it: another consent may help.
      case Access.Rejected(int status) when status == 401 && grant.isPresent() -> required(
          begin(server, beginning(wish, discovery.resource(server.url(), client, at.deadline()),
              new Replaceable.SameIssuer()), at));
      case Access.Rejected rejected -> throw rejected.failure();
    };
  }

  private Access ask(McpServer server, Optional<Grant> grant, Deadline deadline) {
    var asking = new Asking(server.key().user(), server.url(), null);
    return grant.map(held -> access.granted(asking, held, deadline))
        .orElseGet(() -> access.relayed(asking, null, deadline));
  }

  private Connecting connected(McpServer server) {
    notes.connected(server);
    return new Connecting.Connected();
  }

  private Connecting refused(McpServer server, Access.RpcError refused) {
    notes.failed(server, refused.failure());
    return new Connecting.Refused(refused);
  }

  private static Connecting required(Begun begun) {
    return new Connecting.AuthorizationRequired(begun);
  }

  private static Beginning beginning(Wish wish, DiscoveredResource resource, Replaceable shown) {
    return new Beginning(wish.key(), resource, null, null, null, null, wish.browser(), wish.returnTo(),
        wish.replaceable().or(shown));
  }

  /** Begins the flow of a server's connection. What the record names takes precedence over what is given. */
  public Begun begin(Beginning given, Invocation at) {
    var server = registry.enabled(given.connection());
    return noting(server, () -> begin(server, given, at));
  }

  private Begun begin(McpServer server, Beginning given, Invocation at) {
    // The record has moved since the discovery: a grant for the former URL would be for another server.
    if (!given.resource().server().equals(server.url())) {
      throw new Failure.Unknown(ErrorCode.NOT_FOUND, "The server has moved; try again.");
    }
    var terms = server.terms();
    var begun = starter.begin(new Beginning(given.connection(), given.resource(),
        Optional.ofNullable(terms.issuer()).orElse(given.issuer()),
        Optional.ofNullable(terms.clientId()).orElse(given.clientId()), terms.method(),
        scopes(terms.scopes(), given.scope()), given.browser(), given.returnTo(), given.replaceable()),
        at);
    notes.authorizationRequired(server);
    return begun;
  }

  /** The record's scopes together with those of a step-up; null where neither names scopes. */
  private static @Nullable Scopes scopes(Scopes recorded, @Nullable Scopes asked) {
    if (recorded.isEmpty()) return asked;
    return asked == null ? recorded : recorded.union(asked);
  }
}
