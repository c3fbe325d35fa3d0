package social.avatarai.mcp.flow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.CompletionCode;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.PublicBase;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.AccountDecisions;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.authorization.AuthorizationStarter;
import social.avatarai.mcp.authorization.Callback;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.authorization.ReturnTo;
import social.avatarai.mcp.discovery.DiscoveredResource;
import social.avatarai.mcp.discovery.DiscoveredServer;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.proxy.McpProxy;
import social.avatarai.mcp.proxy.MessageHeaders;
import social.avatarai.mcp.proxy.ProxyCall;
import social.avatarai.mcp.proxy.ProxyOutcome;
import social.avatarai.mcp.record.ConnectionNotes;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.registration.CallerRegistration;
import social.avatarai.mcp.registration.ClientMetadata;
import social.avatarai.mcp.registration.RedirectUris;
import social.avatarai.mcp.registration.RegistrationIssuer;
import social.avatarai.mcp.registration.RequestBudget;
import social.avatarai.mcp.registration.SigningKeys;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.resource.GrantedAccess;
import social.avatarai.mcp.resource.GrantedAccess.Asking;
import social.avatarai.mcp.resource.McpClient;
import social.avatarai.mcp.resource.McpRequest;
import social.avatarai.mcp.server.BuiltInRegistry;
import social.avatarai.mcp.server.Connecting;
import social.avatarai.mcp.server.ConnectionView;
import social.avatarai.mcp.server.Connections;
import social.avatarai.mcp.server.Connector;
import social.avatarai.mcp.server.OfferSync;
import social.avatarai.mcp.server.RecordEnding;
import social.avatarai.mcp.server.RecordViews;
import social.avatarai.mcp.server.RecordedServers;
import social.avatarai.mcp.server.ServerImport;
import social.avatarai.mcp.server.ServerRegistry;
import social.avatarai.mcp.server.UserDeletion;
import social.avatarai.mcp.token.CallerRefresh;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantFinder;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantUse;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Refreshed;
import social.avatarai.mcp.token.Revocation;
import social.avatarai.mcp.token.ScheduledRefresh;
import social.avatarai.mcp.vault.Reencryption;

/**
 * The front door: one method for each task of this service, in the order of the guide.
 *
 * <p>{@link #access} follows the decision chart. With a stored grant, the request is sent with its token. A 401 leads
 * to one refresh and one more request. A 403 {@code insufficient_scope} leads to a step-up. Without a grant, the
 * request is sent without a token: a 2xx is the response, and a 401 leads to discovery, registration, PKCE, consent,
 * callback and token ({@link #start}, {@link #callback}). A record that names a program of the operator leads to the
 * program, which has its credentials from the operator: there is neither discovery nor consent.
 */
public final class Flow {
  /** The most time to ask an issuer how it spells its identifier. */
  private static final Duration MAX_TO_READ_SPELLING = Duration.ofSeconds(5);

  private final Steps steps;

  /** The steps behind the door. A step is built at its first use, so that a function pays only for what it uses. */
  public interface Steps {
    Discovery discovery();

    IssuerRules rules();

    RequestBudget budget();

    RegistrationIssuer registrationIssuer();

    CallerRegistration registration();

    ClientMetadata metadata();

    SigningKeys signingKeys();

    AuthorizationStarter starter();

    ReturnTo returnTo();

    Callback callback();

    AccountDecisions accountDecisions();

    CallerRefresh refresh();

    McpClient client();

    GrantedAccess access();

    Grants grants();

    GrantFinder finder();

    ScheduledRefresh scheduled();

    ServerRegistry registry();

    RecordViews recordViews();

    RecordedServers recordedServers();

    RecordEnding recordEnding();

    BuiltInRegistry builtIns();

    GrantUse grantUse();

    ServerImport serverImport();

    Connector connector();

    Reencryption reencryption();

    UserDeletion deletion();

    Connections connections();

    ConnectionNotes notes();

    OfferSync offers();

    McpProxy proxy();
  }

  public Flow(Steps steps) {
    this.steps = steps;
  }

  /** Step 1: from an MCP server's URL to its protected resource metadata (RFC 9728). */
  public DiscoveredResource discoverResource(Caller caller, EndpointUrl server, Deadline deadline) {
    steps.budget().take(caller.user());
    return steps.discovery().resource(server, steps.client(), deadline);
  }

  /** Step 1: from an issuer to its metadata (RFC 8414, OpenID Connect Discovery). */
  public DiscoveredServer discoverAuthorizationServer(Caller caller, Issuer issuer, Deadline deadline) {
    steps.budget().take(caller.user());
    return steps.discovery().writtenIssuer(issuer, deadline);
  }

  /**
   * What to register.
   *
   * @param registrationUrl the registration endpoint
   * @param issuer the issuer of this endpoint; null to find it
   * @param metadata the client metadata (RFC 7591 §2)
   */
  public record Registering(EndpointUrl registrationUrl, @Nullable Issuer issuer, ObjectNode metadata) {}

  /**
   * What to register by hand.
   *
   * @param uris our redirect URIs at the issuer
   * @param published whether this is the issuer's spelling of itself: from its metadata, also where a profile has the
   *        metadata; false for the spelling of another profile, or for what was written
   */
  public record ByHand(RedirectUris uris, boolean published) {}

  /** Our redirect URIs at an issuer, for a registration by hand. They depend on the spelling that the issuer publishes. */
  public ByHand redirectUris(Caller caller, Issuer written, Invocation at) {
    var profile = steps.rules().profiles().of(written);
    var profiled = profile.map(Profile::issuer);
    var published = profile.filter(one -> one.metadata() != null).isPresent()
        ? profiled
        : published(caller, written, at.deadline());
    var issuer = published.or(() -> profiled).orElse(written);
    return new ByHand(new RedirectUris(issuer, at.base(), steps.rules().allowsPlainCallback(issuer)),
        published.isPresent());
  }

  /** The issuer as it publishes itself; empty if it publishes nothing that can be used, or cannot be asked now. */
  private Optional<Issuer> published(Caller caller, Issuer written, Deadline deadline) {
    steps.budget().take(caller.user());
    try {
      var inTime = Deadline.in(deadline.remaining(MAX_TO_READ_SPELLING));
      return Optional.of(steps.discovery().writtenIssuer(written, inTime).metadata().issuer());
    } catch (Failure.Unknown | Failure.Unreachable | Failure.BadRequest | Failure.ProtocolBroken e) {
      return Optional.empty();
    }
  }

  /** Step 2: registers a client for the caller (RFC 7591). Returns the whole response of the authorization server. */
  public ObjectNode register(Caller caller, Registering what, Invocation at) {
    CallerRegistration.requireWellFormed(what.metadata());
    steps.budget().take(caller.user());
    var server = what.issuer() == null
        ? steps.registrationIssuer().found(what.registrationUrl(), at.deadline())
        : steps.registrationIssuer().named(what.issuer(), what.registrationUrl(), at.deadline());
    return steps.registration().register(caller, server, what.metadata(), at);
  }

  /** Step 3: begins a flow for the MCP server at this URL, and for the connection that its resource stands for. */
  public AuthorizationStarted start(Caller caller, EndpointUrl server, AuthorizationStart start, Invocation at) {
    // Checked before any server is asked: a return_to that is not allowed is the caller's mistake with any server.
    var allowed = allowed(start).counted(steps.budget().take(caller.user()));
    boolean remembered = steps.discovery().remembered(server).isPresent();
    try {
      return begin(caller, server, allowed, at);
    } catch (Failure.BadRequest e) {
      // The resource may have been given another issuer since it was remembered.
      if (!remembered || e.code() != ErrorCode.ISSUER_NOT_BOUND || !steps.discovery().forgetAlone(server)) throw e;
      return begin(caller, server, allowed, at);
    }
  }

  private AuthorizationStarted begin(Caller caller, EndpointUrl server, AuthorizationStart start, Invocation at) {
    var resource = steps.discovery().resource(server, steps.client(), at.deadline());
    return steps.starter().begin(key(caller, resource, start), resource, start, at);
  }

  private AuthorizationStart allowed(AuthorizationStart start) {
    return start.returningTo(steps.returnTo().choose(start.returnTo()));
  }

  private static ConnectionKey key(Caller caller, DiscoveredResource resource, AuthorizationStart start) {
    return new ConnectionKey(caller.user(), start.connection(resource));
  }

  /** Step 3: the browser comes back. */
  public CallbackOutcome callback(Callback.Arrival arrival, Deadline deadline) {
    return steps.callback().receive(arrival, deadline);
  }

  /** Step 3, second part: the user who began the flow completes a parked response. */
  public CallbackOutcome complete(Caller caller, CompletionCode code, Deadline deadline) {
    return steps.callback().complete(caller, code, deadline);
  }

  /** Step 3, where a consent came back as another account: the user takes the new account. */
  public Grant keepNewAccount(Caller caller, ConnectionId connection, GrantId change, Deadline deadline) {
    return steps.accountDecisions().keepNew(new ConnectionKey(caller.user(), connection), change, deadline);
  }

  /** The same: the user stays with the account that the connection has. */
  public void keepOldAccount(Caller caller, ConnectionId connection, GrantId change, Deadline deadline) {
    steps.accountDecisions().keepOld(new ConnectionKey(caller.user(), connection), change, deadline);
  }

  /** Step 4: new tokens. */
  public Refreshed refresh(Caller caller, CallerRefresh.What what, Deadline deadline) {
    return steps.refresh().refresh(caller, what, deadline);
  }

  /** The server that is asked, and the token that is used. */
  public sealed interface Target {
    /** By URL, with the caller's stored grant for it; without a token if there is none. */
    record ByUrl(EndpointUrl url) implements Target {}

    /** By URL, with a token that the caller sends. The token is passed on and not stored. */
    record WithToken(EndpointUrl url, AccessToken token) implements Target {}

    /** By connection, with its stored grant, or else with what the user has entered for the server of the registry. */
    record ByConnection(ConnectionId connection) implements Target {}
  }

  /**
   * Step 5: one request to an MCP server. If the request is null, the server is asked for its description. A grant that
   * has no usable token now is a failure, or a rejection.
   */
  public Access access(Caller caller, Target target, @Nullable McpRequest request, Deadline deadline) {
    var access = accessOrStuck(caller, target, request, deadline);
    return access instanceof Access.NoUsableToken stuck ? stuck.withoutConsent() : access;
  }

  /** The same for a caller who wants a flow to begin where the grant has no usable token now. */
  public Access accessOrStuck(Caller caller, Target target, @Nullable McpRequest request, Deadline deadline) {
    return switch (target) {
      case Target.WithToken(var url, var token) ->
        steps.access().relayed(asking(caller.user(), url, request), token, deadline);
      case Target.ByConnection(var connection) -> {
        var key = new ConnectionKey(caller.user(), connection);
        yield usable(steps.grants().read(key), deadline)
            .map(grant -> granted(asking(caller.user(), grant.target().serverUrl(), request), grant, deadline))
            .orElseGet(() -> ungranted(steps.recordedServers().open(key), request, deadline));
      }
      case Target.ByUrl(var url) -> {
        var asking = asking(caller.user(), url, request);
        yield usable(steps.finder().find(caller.user(), url), deadline)
            .map(grant -> granted(asking, grant, deadline))
            .orElseGet(() -> relayedCounted(asking, deadline));
      }
    };
  }

  /** Step 5 for a client that speaks MCP: one message, for the server of a connection of the caller. */
  public ProxyOutcome proxied(Caller caller, ProxyCall call, Deadline deadline) {
    var target = new Target.ByConnection(call.connection().connection());
    return steps.proxy().receive(call, request -> access(caller, target, request, deadline));
  }

  /** The same for a caller who wants a flow to begin where the grant has no usable token now. */
  public ProxyOutcome proxiedOrStuck(Caller caller, ProxyCall call, Deadline deadline) {
    var target = new Target.ByConnection(call.connection().connection());
    return steps.proxy().receive(call, request -> accessOrStuck(caller, target, request, deadline));
  }

  /** A client that speaks MCP ends its session with us. */
  public ProxyOutcome endProxySession(ConnectionKey connection, MessageHeaders headers) {
    return steps.proxy().end(connection, headers);
  }

  private Optional<Grant> usable(Optional<Grant> stored, Deadline deadline) {
    return stored.flatMap(grant -> steps.grantUse().usable(grant, deadline));
  }

  private Asking asking(UserId user, EndpointUrl url, @Nullable McpRequest request) {
    return new Asking(user, url, request, steps.budget().callOf(user));
  }

  /** A call that writes into the row of the grant, at most one an hour, looks at the record too. */
  private Access granted(Asking asking, Grant grant, Deadline deadline) {
    boolean noted = steps.access().isNoted(grant);
    var access = steps.access().granted(asking, grant, deadline);
    if (access instanceof Access.ConsentNeeded needed
        && steps.rules().isLeft(needed.resource(), grant.target().issuer())) {
      steps.connector().requireBound(grant.key(), needed.resource());
    }
    if (noted && access instanceof Access.Answered) steps.offers().afterUse(grant, deadline);
    return access;
  }

  /** Without a grant, the caller may name any URL, so the call is counted before anything is sent. */
  private Access relayedCounted(Asking asking, Deadline deadline) {
    asking.count().take();
    return steps.access().relayed(asking, null, deadline);
  }

  private Access ungranted(McpServer server, @Nullable McpRequest request, Deadline deadline) {
    var asking = Asking.ofRecord(server, server.url(), request, steps.budget().callOf(server.key().user()));
    if (!server.isKnownAsOpen()) asking.count().take();
    var access = open(server, asking, deadline);
    if (access instanceof Access.ConsentNeeded needed) steps.connector().requireBound(server, needed.resource());
    if (access instanceof Access.Answered) steps.offers().afterOpenUse(server, deadline);
    return access;
  }

  private Access open(McpServer server, Asking asking, Deadline deadline) {
    var agreements = steps.recordedServers().agreements(server);
    if (server.entered().isEmpty()) return steps.access().open(asking, agreements, deadline);
    return steps.notes().ofEntered(server, () -> steps.access().open(asking, agreements, deadline));
  }

  /** Begins the flow that an access found to be needed, for the resource and the scopes that the access found. */
  public AuthorizationStarted consent(Caller caller, DiscoveredResource resource, AuthorizationStart start,
      Invocation at) {
    var allowed = allowed(start);
    var key = key(caller, resource, allowed);
    return start.isForServer()
        ? steps.connector().begin(key, resource, allowed, at)
        : steps.starter().begin(key, resource, allowed, at);
  }

  /** The same in place of a grant that is kept, but has no usable token now; see {@link Connector#beginInPlace}. */
  public AuthorizationStarted consentInstead(Caller caller, Access.NoUsableToken stuck, AuthorizationStart start,
      Invocation at) {
    return Connector.beginInPlace(stuck, start, again -> consent(caller,
        steps.discovery().resource(stuck.server(), steps.client().prober(stuck.declared()), stuck.isByRecord(),
            at.deadline()),
        again, at));
  }

  /** The same for a step-up. A connection has few of them an hour; {@code too_many_requests} beyond them. */
  public AuthorizationStarted stepUp(Caller caller, DiscoveredResource resource, AuthorizationStart start,
      Invocation at) {
    steps.budget().takeStepUp(key(caller, resource, start));
    return consent(caller, resource, start, at);
  }

  /** The registry: keeps a server record, whatever it replaces, and returns it as it is kept. */
  public ObjectNode putServer(Caller caller, ConnectionId mcpId, ObjectNode server, Invocation at) {
    return putServer(caller, mcpId, new ServerPut(server, Precondition.none()), at).document();
  }

  /**
   * A server record to keep.
   *
   * @param document the record
   * @param precondition what the record may replace
   */
  public record ServerPut(ObjectNode document, Precondition precondition) {}

  /**
   * The registry: keeps a server record if its precondition holds, and returns it as it is kept. The operator's record
   * that says {@code isBuiltin} is for all users.
   */
  public ServerRegistry.Kept putServer(Caller caller, ConnectionId mcpId, ServerPut put, Invocation at) {
    var key = new ConnectionKey(caller.user(), mcpId);
    return caller.operator() && BuiltInRegistry.isBuiltIn(put.document())
        ? steps.builtIns().put(key, put.document(), put.precondition(), at)
        : steps.registry().put(key, put.document(), put.precondition(), at);
  }

  /**
   * The registry: imports many records of the caller. The app's own backend may import those of all users. Built-in
   * records are skipped.
   *
   * @param document the document, with the records in {@code servers}
   * @param atomic whether nothing is stored if one of the records is wrong
   */
  public List<ServerImport.Result> importServers(Caller caller, ObjectNode document, boolean atomic, Invocation at) {
    return steps.serverImport().importAll(caller, document, atomic, at);
  }

  /** The same with the built-in records of the operator's own document. */
  public List<ServerImport.Result> importWithBuiltIns(Caller caller, ObjectNode document, boolean atomic,
      Invocation at) {
    return steps.serverImport().importWithBuiltIns(caller, document, atomic, at);
  }

  /** The registry: one record. */
  public ObjectNode server(Caller caller, ConnectionId mcpId) {
    return keptServer(caller, mcpId).document();
  }

  /** The registry: one record with its revision. */
  public ServerRegistry.Kept keptServer(Caller caller, ConnectionId mcpId) {
    return steps.recordViews().get(new ConnectionKey(caller.user(), mcpId));
  }

  /** The registry: a page of the caller's records. It begins after this one, or with the first one if that is null. */
  public RecordViews.Page servers(Caller caller, @Nullable ConnectionId after, int limit) {
    return steps.recordViews().page(caller.user(), after, limit);
  }

  /** The registry: disconnects a server and deletes its record, whatever it is. */
  public Revocation.Result deleteServer(Caller caller, ConnectionId mcpId, Deadline deadline) {
    return deleteServer(caller, mcpId, Precondition.none(), deadline);
  }

  /**
   * The registry: disconnects a server and deletes its record, if the precondition holds. The operator without a record
   * of their own deletes the built-in one.
   */
  public Revocation.Result deleteServer(Caller caller, ConnectionId mcpId, Precondition precondition,
      Deadline deadline) {
    var key = new ConnectionKey(caller.user(), mcpId);
    if (caller.operator() && steps.builtIns().delete(key, precondition, deadline)) return Revocation.Result.NOTHING;
    return steps.recordEnding().delete(key, precondition, deadline);
  }

  /** Asks a server of the registry for its description, and begins a flow if the server wants consent. */
  public Connecting connect(Caller caller, ConnectionId mcpId, AuthorizationStart start, Invocation at) {
    return steps.connector().connect(new ConnectionKey(caller.user(), mcpId), allowed(start), at);
  }

  /** Ends the grant of a connection, at its issuer too if possible. */
  public Revocation.Result disconnect(Caller caller, ConnectionId connection, Deadline deadline) {
    return steps.recordEnding().disconnect(new ConnectionKey(caller.user(), connection), deadline);
  }

  /** A page of the caller's connections. It begins after this connection, or with the first one if that is null. */
  public Connections.Page connections(Caller caller, @Nullable ConnectionId after, int limit) {
    return steps.connections().page(caller.user(), after, limit);
  }

  /** One connection of the caller; {@code not_found} if there is none. */
  public ConnectionView connection(Caller caller, ConnectionId connection) {
    return steps.connections().one(new ConnectionKey(caller.user(), connection));
  }

  /** Deletes a user's data, as far as the time allows. The user and the app's own backend may call it. */
  public UserDeletion.Progress forgetUser(Caller caller, UserId user, Deadline deadline) {
    if (!caller.operator() && !caller.user().equals(user)) {
      throw new Failure.NotPermitted(ErrorCode.FORBIDDEN, "Only the user, or the operator, may have a user forgotten.");
    }
    return steps.deletion().forget(user, deadline);
  }

  /** Our Client ID Metadata Document for one issuer, or the one with the plain callback. */
  public ObjectNode clientMetadata(PublicBase base, @Nullable IssuerContext context) {
    return context == null
        ? steps.metadata().documentByHand(base)
        : steps.metadata().documentOf(base, context);
  }

  /** Our public keys (RFC 7517 §5). */
  public ObjectNode publicKeys() {
    return steps.signingKeys().publicKeys();
  }

  /** Refreshes the grants that are due in these shards, both included. */
  public ScheduledRefresh.Run refreshDue(int firstShard, int lastShard, Deadline deadline) {
    return steps.scheduled().run(firstShard, lastShard, deadline);
  }

  /** Encrypts again what older keys have encrypted, from a cursor on; null to begin. */
  public Reencryption.Run reencrypt(Reencryption.Area area, @Nullable String cursor, Deadline deadline) {
    return steps.reencryption().run(area, cursor, deadline);
  }
}
