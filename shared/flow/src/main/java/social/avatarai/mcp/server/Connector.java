package social.avatarai.mcp.server;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.authorization.AuthorizationStarter;
import social.avatarai.mcp.authorization.RecordedIssuer;
import social.avatarai.mcp.discovery.DiscoveredResource;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.discovery.Discovery.Prober;
import social.avatarai.mcp.http.Redirect;
import social.avatarai.mcp.record.ConnectionNotes;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.registration.CallCount;
import social.avatarai.mcp.registration.ClientChoice;
import social.avatarai.mcp.registration.RequestBudget;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.resource.DeclaredTransport;
import social.avatarai.mcp.resource.GrantedAccess;
import social.avatarai.mcp.resource.GrantedAccess.Asking;
import social.avatarai.mcp.resource.McpClient;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantSummary;
import social.avatarai.mcp.token.HeldGrants;
import social.avatarai.mcp.token.Replaceable;

/**
 * Connects a user's server: asks the server for its description, with the grant where there is one. Where the server
 * wants consent, begins a flow with the issuer, client and scopes that the record names.
 */
public final class Connector {
  /** Time that the request to the server leaves for noting its outcome. */
  private static final Duration TIME_FOR_NOTE = Duration.ofMillis(500);

  private final RecordedServers servers;
  private final RecordGrants recordGrants;
  private final ConnectionViews views;
  private final ConnectionNotes notes;
  private final HeldGrants heldGrants;
  private final GrantedAccess access;
  private final McpClient client;
  private final Discovery discovery;
  private final AuthorizationStarter starter;
  private final RequestBudget budget;
  private final OfferSync offers;

  public Connector(RecordedServers servers, RecordGrants recordGrants, ConnectionViews views, ConnectionNotes notes,
      HeldGrants heldGrants,
      GrantedAccess access, McpClient client, Discovery discovery,
      AuthorizationStarter starter, RequestBudget budget, OfferSync offers) {
    this.servers = servers;
    this.recordGrants = recordGrants;
    this.views = views;
    this.notes = notes;
    this.heldGrants = heldGrants;
    this.access = access;
    this.client = client;
    this.discovery = discovery;
    this.starter = starter;
    this.budget = budget;
    this.offers = offers;
  }

  /** Connects a server. A failure is noted in the record. */
  public Connecting connect(ConnectionKey key, AuthorizationStart start, Invocation at) {
    var server = servers.find(key);
    return noting(server, () -> connect(server, start,
        new Invocation(at.base(), Deadline.in(at.deadline().remaining().minus(TIME_FOR_NOTE)))));
  }

  private <T> T noting(McpServer server, Supplier<T> step) {
    try {
      views.requireReachable(server.requireEnabled().url());
      return step.get();
    } catch (RuntimeException fault) {
      notes.failed(server, Failure.of(fault));
      throw fault;
    }
  }

  private Connecting connect(McpServer server, AuthorizationStart start, Invocation at) {
    var grant = heldGrants.findOpened(server.key()).flatMap(held -> recordGrants.kept(held, server, at.deadline()));
    if (grant.isEmpty()) server.requireIssuer();
    var count = budget.callOf(server.key().user());
    try {
      return judge(server, grant, ask(server, grant, count, at.deadline()), new CountedStart(start, count), at);
    } catch (Failure.ProtocolBroken failure) {
      if (grant.isPresent()) throw failure;
      return atTarget(server, failure, new CountedStart(start, count), at);
    }
  }

  /** A flow that may be needed, and the count of the call that asks for it. */
  private record CountedStart(AuthorizationStart start, CallCount count) {}

  /**
   * Connects a server that redirects {@code /mcp} to {@code /mcp/}, or the reverse. The record gets that URL: later
   * requests carry a token, and those never follow a redirect.
   */
  private Connecting atTarget(McpServer server, Failure redirected, CountedStart wanted, Invocation at) {
    if (redirected.upstreamStatus().filter(Redirect::keepsMethod).isEmpty()) throw redirected;
    var target = prober(server).probe(server.url(), at.deadline()).redirectedTo();
    if (target == null) throw redirected;
    var asking = Asking.ofRecord(server, target, null, wanted.count());
    var access = this.access.relayed(asking, null, at.deadline());
    var connected = access instanceof Access.Answered ? servers.relocate(server, target, at.deadline()) : server;
    return judge(connected, Optional.empty(), access, wanted, at);
  }

  private Prober prober(McpServer server) {
    return client.prober(DeclaredTransport.of(server));
  }

  private Connecting judge(McpServer server, Optional<Grant> grant, Access access, CountedStart wanted,
      Invocation at) {
    var start = wanted.start();
    return switch (access) {
      case Access.Answered(var description, _) -> {
        var connected = connected(server, grant);
        offers.afterConnect(server, description, at.deadline());
        yield connected;
      }
      case Access.RpcError refused -> refused(server, refused);
      case Access.ConsentNeeded needed ->
        required(server, grant, begin(server, needed.resource(),
            start.counted(needed.counted()).replacing(start.replaceable().or(needed.replaceable())), at));
      case Access.StepUpNeeded more -> {
        budget.takeStepUp(server.key());
        yield required(server, grant, begin(server, more.resource(),
            start.counted(more.counted()).at(more.issuer()).as(ClientChoice.of(more.clientId()))
                .requesting(more.required()),
            at));
      }
      case Access.NoUsableToken stuck -> required(server, grant, beginInPlace(stuck, start, again -> begin(server,
          discovery.resource(server.url(), prober(server), server.terms().namesClient(), at.deadline()), again, at)));
      case Access.Rejected rejected -> throw rejected.failure();
    };
  }

  /**
   * Begins a flow in place of a grant that is kept, but has no usable token now. The caller asks for the flow, so it
   * does not wait until the issuer may be asked again. If a server cannot be reached for the flow either, the failure
   * says both: what failed now, and why the grant has no token. It also says when another try makes sense.
   *
   * @param flow discovers the resource and begins the flow
   */
  public static AuthorizationStarted beginInPlace(Access.NoUsableToken stuck, AuthorizationStart start,
      Function<AuthorizationStart, AuthorizationStarted> flow) {
    var again = start.counted(stuck.count().take())
        .replacing(start.replaceable().or(new Replaceable.SameIssuer()));
    try {
      return flow.apply(again);
    } catch (Failure.Unreachable e) {
      throw both(e, stuck.failure());
    }
  }

  private static Failure both(Failure.Unreachable now, Failure ofGrant) {
    if (ofGrant.retryAt().isEmpty()) return now;
    return new Failure.Unreachable(now.code(), now.safeMessage() + " " + ofGrant.safeMessage(), now.detail(),
        now.mayHaveArrived()).withUpstreamStatus(now.upstreamStatus().orElse(null))
        .withRetryAt(ofGrant.retryAt().get());
  }

  private Access ask(McpServer server, Optional<Grant> grant, CallCount count, Deadline deadline) {
    var asking = Asking.ofRecord(server, server.url(), null, count);
    if (grant.isEmpty() && !server.isKnownAsOpen()) count.take();
    return grant.map(held -> access.granted(asking, held, deadline))
        .orElseGet(() -> access.relayed(asking, null, deadline));
  }

  private Connecting connected(McpServer server, Optional<Grant> asked) {
    notes.connected(server);
    boolean plain = asked.map(Grant::state).filter(state -> state.isFailing() || state.isRejected()).isEmpty();
    return plain ? new Connecting.Connected() : new Connecting.Connected(why(server, Status.CONNECTED, asked));
  }

  private Connecting refused(McpServer server, Access.RpcError refused) {
    notes.failed(server, refused.failure());
    return new Connecting.Refused(refused);
  }

  private Connecting required(McpServer server, Optional<Grant> asked, AuthorizationStarted begun) {
    return new Connecting.AuthorizationRequired(begun, why(server, Status.AUTHORIZATION_REQUIRED, asked));
  }

  /** What a list shows of the connection from now on. A grant is read again, because asking may have changed it. */
  private Connecting.Why why(McpServer server, Status noted, Optional<Grant> asked) {
    var now = asked.flatMap(grant -> heldGrants.findOpened(grant.key())).map(GrantSummary::of);
    return Connecting.Why.of(views.of(server.summary().noted(noted), now));
  }

  /**
   * Refuses a consent that the server's record rules out, as a connect does: the record names an issuer that nothing
   * binds to the server. The failure is noted in the record.
   */
  public void requireBound(ConnectionKey key, DiscoveredResource resource) {
    servers.recorded(key).ifPresent(server -> requireBound(server, resource));
  }

  /** The same for a record that has been read. */
  public void requireBound(McpServer server, DiscoveredResource resource) {
    var issuer = server.terms().issuer();
    if (issuer == null) return;
    var start = AuthorizationStart.fresh().recording(RecordedIssuer.of(server.terms())).at(issuer);
    try {
      starter(server).requireBound(resource, start);
    } catch (Failure failure) {
      notes.failed(server, failure);
      throw failure;
    }
  }

  /** Begins the flow of a server's connection. What the record names takes precedence over what is given. */
  public AuthorizationStarted begin(ConnectionKey key, DiscoveredResource resource, AuthorizationStart start,
      Invocation at) {
    var server = servers.find(key);
    return noting(server, () -> begin(server, resource, start, at));
  }

  private AuthorizationStarted begin(McpServer server, DiscoveredResource resource, AuthorizationStart given,
      Invocation at) {
    server.requireIssuer();
    boolean redirected = resource.server().isOtherSlashOf(server.url()) && resource.server().isSame(server.url());
    // The record has moved since the discovery: a grant for the former URL would be for another server.
    if (!redirected && !resource.server().equals(server.url())) throw RecordedServers.moved();
    var terms = server.terms();
    var start = given.recording(RecordedIssuer.of(terms)).at(Optional.ofNullable(terms.issuer()).orElse(given.issuer()))
        .as(recorded(server).or(given.client()).authenticatingBy(terms.method()))
        .requesting(scopes(terms.scopes(), given.scope()));
    var begun = starter(server).begin(server.key(), resource, start, at);
    // Only now: a server that cannot be connected there keeps the URL that its user has written.
    if (redirected) servers.relocate(server, resource.server(), at.deadline());
    notes.authorizationRequired(server);
    return begun;
  }

  /** The client that the record names. A client in a built-in record belongs to the deployment. */
  private static ClientChoice recorded(McpServer server) {
    var named = ClientChoice.of(server.terms().clientId());
    return server.isBuiltin() ? named.namedByBuiltIn() : named;
  }

  /** The issuer in a built-in record is the operator's word. The issuer in a user's record is not. */
  private AuthorizationStarter starter(McpServer server) {
    var issuer = server.terms().issuer();
    return server.isBuiltin() && issuer != null ? starter.bindingAsOperator(server.url(), issuer) : starter;
  }

  /** The record's scopes together with those of a step-up; null where neither names scopes. */
  private static @Nullable Scopes scopes(Scopes recorded, @Nullable Scopes asked) {
    if (recorded.isEmpty()) return asked;
    return asked == null ? recorded : recorded.union(asked);
  }
}
