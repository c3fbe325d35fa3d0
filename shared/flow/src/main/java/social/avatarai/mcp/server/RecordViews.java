package social.avatarai.mcp.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.record.ConnectionError;
import social.avatarai.mcp.record.GivenCredentials;
import social.avatarai.mcp.record.LiveCredentials;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.token.GrantSummaries;
import social.avatarai.mcp.token.GrantSummary;

/**
 * Shows server records: a user sees their own document without its secrets. The status follows from the grant, and
 * without a grant from what was noted in the record.
 */
public final class RecordViews {
  /** The records of one page, so that the page fits into a response of Lambda. */
  static final int MAX_PAGE_BYTES = 4 * 1024 * 1024;

  private final Servers servers;
  private final GrantSummaries summaries;
  private final ConnectionViews views;
  private final RecordOffers offers;
  private final Journal journal;

  public RecordViews(Servers servers, GrantSummaries summaries, ConnectionViews views, RecordOffers offers,
      Journal journal) {
    this.servers = servers;
    this.summaries = summaries;
    this.views = views;
    this.offers = offers;
    this.journal = journal;
  }

  /** A record; {@code not_found} where there is none. */
  public ServerRegistry.Kept get(ConnectionKey key) {
    var stored = servers.stored(key).orElseThrow(RecordedServers::notFound);
    return new ServerRegistry.Kept(shown(stored.server()), stored.revision());
  }

  /** A record as its user sees it. */
  ObjectNode shown(McpServer server) {
    return offers.shown(server, withoutOffer(server));
  }

  /** The same without what the server offers. */
  ObjectNode withoutOffer(McpServer server) {
    var grant = grantOf(server.key());
    return shown(server, view(server, grant), grant.flatMap(Listed::read));
  }

  /** A record that was just written, as its user sees it. */
  ObjectNode shown(McpServer server, Optional<GrantSummary> grant) {
    return shown(server, views.of(server.summary(), grant), grant);
  }

  /**
   * A page of the records that a user sees.
   *
   * @param servers the records
   * @param next the last record of this page, where more follow; null at the end
   */
  public record Page(List<ObjectNode> servers, @Nullable ConnectionId next) {}

  /**
   * One page of the records that a user sees, in the order of their ids.
   *
   * @param after the record before the first one; null to begin
   * @param limit the maximum number of records. A page whose records are large has fewer of them
   */
  public Page page(UserId user, @Nullable ConnectionId after, int limit) {
    // Reads one more than the page shows, to know whether another page follows.
    var found = servers.page(user, after, limit + 1);
    var records = found.subList(0, fitting(found.subList(0, Math.min(limit, found.size()))));
    var grants = summaries.read(user, records.stream().map(server -> server.key().connection()).toList()).stream()
        .collect(Collectors.toMap(Listed::connection, Function.identity()));
    var shown = records.stream().map(server -> {
      var grant = Optional.ofNullable(grants.get(server.key().connection()));
      return shown(server, view(server, grant), grant.flatMap(Listed::read));
    }).toList();
    offers.showIn(shown, records, user);
    return new Page(shown, records.size() < found.size() ? records.getLast().key().connection() : null);
  }

  /** How many of these records a page shows: as many as fit, and at least one. */
  private static int fitting(List<McpServer> records) {
    long bytes = 0;
    for (int i = 0; i < records.size(); i++) {
      bytes += JsonText.bytes(records.get(i).document()).length;
      if (bytes > MAX_PAGE_BYTES && i > 0) return i;
    }
    return records.size();
  }

  private Optional<Listed<GrantSummary>> grantOf(ConnectionKey key) {
    return summaries.read(key.user(), List.of(key.connection())).stream().findFirst();
  }

  private ConnectionView view(McpServer server, Optional<Listed<GrantSummary>> grant) {
    if (grant.isEmpty() || grant.get().value() != null) {
      return views.of(server.summary(), grant.flatMap(Listed::read));
    }
    journal.write("connection_unreadable",
        Map.of("connection", server.key().connection(), "detail", grant.get().fault()));
    return ConnectionViews.unreadable(server.key().connection(), Status.REAUTHORIZATION_REQUIRED);
  }

  private static ObjectNode shown(McpServer server, ConnectionView view, Optional<GrantSummary> grant) {
    var document = server.document().deepCopy().put("status", view.status().wireName()).put("cause", view.cause());
    document.set("error", ConnectionError.jsonOf(view.error()));
    var secrets = server.unbound();
    boolean hasSecret = server.terms().hasSecret() || (secrets != null && secrets.clientSecret() != null);
    if (hasSecret && document.at("/authorization/config") instanceof ObjectNode config) {
      config.put("has_client_secret", true);
    }
    if (document.at("/authorization/credentials") instanceof ObjectNode credentials) {
      showTokens(credentials, secrets == null ? null : secrets.credentials(), grant.filter(server::isServedBy));
    }
    return GivenCredentials.show(server, document);
  }

  /** Whether the connection has tokens. They are never shown. */
  private static void showTokens(ObjectNode credentials, @Nullable LiveCredentials unused,
      Optional<GrantSummary> grant) {
    if (unused != null || grant.isPresent()) credentials.put("has_access_token", true);
    boolean refreshable = grant.filter(GrantSummary::renewable).isPresent();
    if (refreshable || (unused != null && unused.refreshToken() != null)) credentials.put("has_refresh_token", true);
  }
}
