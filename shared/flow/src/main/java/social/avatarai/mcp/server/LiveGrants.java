package social.avatarai.mcp.server;

import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.authorization.ImportedGrants;
import social.avatarai.mcp.authorization.RecordedIssuer;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.discovery.DiscoveredResource;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.discovery.Foreign;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.record.ConnectionNotes;
import social.avatarai.mcp.record.LiveCredentials;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.record.UnboundSecrets;
import social.avatarai.mcp.registration.ImportedClients;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.StatedIssuer;

/**
 * Makes grants of the live tokens that server records bring, once their issuer and its token endpoint are known.
 *
 * <p>The tokens are sealed in the record's row before, so that nothing is lost where they cannot become a grant now. A
 * later write of the record tries again.
 */
public final class LiveGrants {
  /** The most time to ask an issuer for its metadata: an import has many records. */
  private static final Duration MAX_FOR_METADATA = Duration.ofSeconds(5);

  private final RecordIssuers issuers;
  private final Discovery discovery;
  private final IssuerRules rules;
  private final ImportedClients clients;
  private final ImportedGrants grants;
  private final Servers servers;
  private final ConnectionViews views;
  private final ConnectionNotes notes;
  private final Clock clock;
  private final Journal journal;

  public LiveGrants(RecordIssuers issuers, Discovery discovery, IssuerRules rules, ImportedClients clients,
      ImportedGrants grants, Servers servers, ConnectionViews views, ConnectionNotes notes, Clock clock,
      Journal journal) {
    this.issuers = issuers;
    this.discovery = discovery;
    this.rules = rules;
    this.clients = clients;
    this.grants = grants;
    this.servers = servers;
    this.views = views;
    this.notes = notes;
    this.clock = clock;
    this.journal = journal;
  }

  /**
   * What has become of the tokens of a record.
   *
   * @param grant the grant that was made of them; empty if none was
   */
  record Bound(Outcome outcome, Optional<Grant> grant) {
    private static final Bound NONE = new Bound(Outcome.NONE, Optional.empty());
    private static final Bound KEPT = new Bound(Outcome.KEPT, Optional.empty());
  }

  /** What has become of the tokens of a record, in one word. */
  public enum Outcome {
    /** The record has no tokens. */
    NONE,
    /** They are the connection's grant. */
    IMPORTED,
    /**
     * The access token is the connection's grant. The refresh token is kept and cannot be used, because the record names
     * no client.
     */
    IMPORTED_WITHOUT_REFRESH,
    /** The connection's own grant stays: these tokens are not known to be newer. They are forgotten. */
    OLDER,
    /** They are sealed in the record, and used when the record says more or the issuer can be reached. */
    KEPT;

    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Makes a grant of the tokens in a stored record, if they can be used now. Failures are noted in the record.
   *
   * @param brought whether this write of the record brings the tokens; otherwise they have waited in its row
   */
  Bound bind(McpServer server, boolean brought, Deadline deadline) {
    var secrets = server.unbound();
    if (secrets == null || secrets.credentials() == null) return Bound.NONE;
    if (server.terms().issuer() == null || !views.isReachable(server.url())) return Bound.KEPT;
    try {
      return bind(server, secrets, brought, deadline);
    } catch (RuntimeException e) {
      return kept(server, Failure.of(e));
    }
  }

  private Bound kept(McpServer server, Failure failure) {
    journal.write("tokens_not_imported", Map.of("connection", server.key().connection(), "error",
        failure.code().wireName(), "detail", failure.detail()));
    notes.failed(server, failure);
    return Bound.KEPT;
  }

  private Bound bind(McpServer server, UnboundSecrets secrets, boolean brought, Deadline deadline) {
    var live = Objects.requireNonNull(secrets.credentials());
    var issuer = issuers.of(server, Deadline.in(deadline.remaining(MAX_FOR_METADATA)));
    boolean byRecord = requireBound(server, issuer);
    var client = clients.of(server.key().user(), issuer, server.terms().clientId(), server.terms().method());
    var tokens = live.tokens(clock.instant(), client.isKnown(), server.terms().scopes());
    var target = target(server, issuer);
    var grant = Grant
        .first(server.key(), target, client, tokens, warnings(server, target, issuer, byRecord), clock.instant())
        .inUse(server.enabled()).declaredOverSse(server.isSse());
    var staying = grants.keep(grant, live, brought, deadline);
    boolean refreshLeft = !client.isKnown() && live.refreshToken() != null
        && staying.filter(held -> !isMadeOf(live, held)).isEmpty();
    // Only now: until here the row has the only copy.
    if (!refreshLeft) servers.keepUnbound(server, secrets.withoutCredentials().orNull());
    // Why a grant that stays is refused is still true.
    if (staying.filter(held -> held.state().isRejected()).isEmpty()) notes.consented(server);
    return new Bound(outcome(staying.isEmpty(), refreshLeft),
        staying.isEmpty() ? Optional.of(grant) : Optional.empty());
  }

  /** Whether a former write of the record has made this grant of the access token, and the refresh token still waits. */
  private static boolean isMadeOf(LiveCredentials live, Grant held) {
    return held.tokens().accessToken().equals(live.accessToken()) && held.tokens().refreshToken() == null;
  }

  private static Outcome outcome(boolean stored, boolean refreshLeft) {
    if (refreshLeft) return Outcome.IMPORTED_WITHOUT_REFRESH;
    return stored ? Outcome.IMPORTED : Outcome.OLDER;
  }

  /** The resource is the server itself: the record says nothing else about it. */
  private static GrantTarget target(McpServer server, AuthorizationServerMetadata issuer) {
    String url = server.url().withoutQuery().value();
    if (url.length() > ResourceUri.MAX_LENGTH) {
      throw new Failure.BadRequest(ErrorCode.INVALID_URL, "The record's endpoint.url is longer than "
          + ResourceUri.MAX_LENGTH + " characters without its query, so it can have no grant.");
    }
    return new GrantTarget(issuer.issuer(), issuer.tokenEndpoint(), new ResourceUri(url), server.url(),
        StatedIssuer.of(server.terms().endpoints()));
  }

  /**
   * Whether only the record binds the issuer to the server; {@code issuer_not_bound} where a connect would refuse it too.
   * The server is not asked. Where its metadata is remembered, that counts.
   */
  private boolean requireBound(McpServer server, AuthorizationServerMetadata issuer) {
    var resource = resource(server);
    boolean statesEndpoints = server.terms().endpoints() != null;
    if (rules.followsRecord(resource, issuer.issuer(), statesEndpoints)) return true;
    rules.requireBound(resource, issuer.issuer());
    if (statesEndpoints) throw RecordedIssuer.unusedEndpoints();
    return false;
  }

  private DiscoveredResource resource(McpServer server) {
    return discovery.remembered(server.url()).orElseGet(() -> DiscoveredResource.unpublished(server.url()));
  }

  private Set<Warning> warnings(McpServer server, GrantTarget target, AuthorizationServerMetadata issuer,
      boolean byRecord) {
    var warnings = EnumSet.noneOf(Warning.class);
    var foreign = rules.requireTrusted(target.serverUrl(), target.resource(), issuer);
    if (foreign.contains(Foreign.ISSUER)) warnings.add(Warning.FOREIGN_ISSUER);
    if (foreign.contains(Foreign.ENDPOINTS)) warnings.add(Warning.FOREIGN_ENDPOINTS);
    if (byRecord) warnings.add(Warning.ISSUER_BY_RECORD);
    warnings.addAll(Warning.of(byRecord ? rules.leniencies(issuer) : rules.leniencies(resource(server), issuer)));
    return warnings;
  }
}
