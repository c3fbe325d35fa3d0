package social.avatarai.mcp.server;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.resource.Agreements;
import social.avatarai.mcp.resource.KeptSessions;
import social.avatarai.mcp.token.Grants;

/** The servers of the records, for the calls that ask them: where they are, and what was agreed on with them. */
public final class RecordedServers {
  private final Servers servers;
  private final Grants grants;
  private final KeptSessions sessions;
  private final ConnectionViews views;

  public RecordedServers(Servers servers, Grants grants, KeptSessions sessions, ConnectionViews views) {
    this.servers = servers;
    this.grants = grants;
    this.sessions = sessions;
    this.views = views;
  }

  /** The record; {@code not_found} where there is none. */
  McpServer find(ConnectionKey key) {
    return recorded(key).orElseThrow(RecordedServers::notFound);
  }

  /** Refuses a record that names a program which this deployment does not have. */
  void requireProgram(EndpointUrl url) {
    views.requireProgram(url);
  }

  static Failure notFound() {
    return new Failure.Unknown(ErrorCode.NOT_FOUND, "There is no server record with this mcpId.");
  }

  /** The record of a connection; empty where there is none. */
  Optional<McpServer> recorded(ConnectionKey key) {
    return Optional.of(key).filter(k -> !k.connection().isOfResource()).flatMap(servers::find);
  }

  /** An enabled server to ask without a grant; {@code blocked_url} where its address is not connected to. */
  public McpServer open(ConnectionKey key) {
    var server = find(key).requireEnabled();
    views.requireReachable(server.url());
    return server.requireIssuer();
  }

  /**
   * Notes the URL to which a server redirects requests. Nothing else changes. Beside a grant the record stays, because
   * that grant is for the former URL: the record moves with the new grant, see {@code GrantKeeper}.
   */
  McpServer relocate(McpServer server, EndpointUrl url, Deadline deadline) {
    if (server.isBuiltin()) throw redirected();
    if (grants.origin(server.key()).filter(server::isAtUrlOf).isPresent()) return server;
    if (!servers.relocate(server, url)) throw moved();
    sessions.end(server, deadline);
    return server.relocated(url);
  }

  /** The failure of a built-in server that redirects. A user's call must not change what other users see. */
  private static Failure redirected() {
    return new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER,
        "The built-in server redirects to its URL with "
            + "or without one trailing slash. The operator must write that URL into its record.",
        "");
  }

  /** The failure of a flow whose server was given another URL meanwhile. */
  static Failure moved() {
    return new Failure.Unknown(ErrorCode.NOT_FOUND, "The server has moved; try again.");
  }

  /** What was agreed on with a server without a grant. */
  public Agreements agreements(McpServer server) {
    return new Agreements() {
      @Override
      public @Nullable NegotiatedProtocol kept() {
        return server.protocol();
      }

      @Override
      public boolean keep(NegotiatedProtocol agreed) {
        return agreed.equals(server.protocol()) || servers.keepProtocol(server, agreed);
      }

      @Override
      public void forget() {
        if (server.protocol() != null) servers.forgetProtocol(server);
      }
    };
  }
}
