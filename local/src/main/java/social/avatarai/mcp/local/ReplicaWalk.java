package social.avatarai.mcp.local;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.Replica;

/** One life of a connection at the replica of a provider, ready to copy into a shell. */
final class ReplicaWalk {
  private final String base;

  /**
   * @param base the address of this service
   */
  ReplicaWalk(String base) {
    this.base = base;
  }

  /** The walks of all replicas, with an introduction for a terminal. */
  String toCopy(List<Replica> replicas) {
    return """

        Replicas of providers, each with a walk to copy. First what the walks use:

        %s
        %s""".formatted(functions(), replicas.stream().map(this::of).collect(Collectors.joining("\n")));
  }

  /** An authorization URL can be opened in a browser too, which is asked for consent. */
  private String functions() {
    return """
        api=%s/api/mcp
        # put ID RECORD, show ID, connect ID (with the consent of a browser), call ID, accounts, disconnect ID
        put() { curl -s -X PUT "$api/servers/$1" -H 'Content-Type: application/json' -d "$2"; echo; }
        show() { curl -s "$api/servers/$1"; echo; }
        connect() {
          url=$(curl -s -b cookies -c cookies -X POST "$api/servers/$1/connect" | sed -E 's/.*"authorization_url":"([^"]+)".*/\\1/')
          curl -s -b cookies -L "$url"; echo
        }
        call() {
          curl -s "$api/oauth/access-resource" -H 'Content-Type: application/json' \\
            -d '{"server_id":"'"$1"'","method":"tools/call","params":{"name":"whoami","arguments":{}}}'; echo
        }
        accounts() { curl -s "$api/connections"; echo; }
        disconnect() { curl -s -X DELETE "$api/servers/$1/connection"; echo; }
        """
        .formatted(base);
  }

  private String of(Replica replica) {
    return """
        # ---- %1$s: %2$s, issuer %3$s ----
        # %7$s
        put %6$s '%5$s'
        # an error page in the place of tokens: no connection, and the record says why
        curl -s -X POST %4$serror-page
        connect %6$s
        show %6$s
        # the next consent connects, and the list says for which account, if the provider does
        connect %6$s
        call %6$s
        accounts
        # the access token ends: the next call renews it
        curl -s -X POST %4$sexpire
        call %6$s
        # the end of the connection, at the provider too
        disconnect %6$s
        # another consent, and the grant ends at the provider: the next call needs a consent
        connect %6$s
        curl -s -X POST %4$send-grants
        call %6$s
        # another person consents: if the provider names the account, the user decides first
        connect %6$s
        accounts
        disconnect %6$s
        # what the provider was sent, without the values
        curl -s %4$srequests; echo
        %8$s""".formatted(replica.provider().product().issuer(), replica.mcpUrl(), replica.issuer(),
        replica.controls(), record(replica), replica.id(),
        replica.hasClientByHand() ? "the record, with a client that was registered by hand" : "the record",
        sse(replica));
  }

  private static String sse(Replica replica) {
    if (!replica.hasSse()) return "";
    return """
        # the same server over HTTP+SSE
        put %1$s-sse '%2$s'
        connect %1$s-sse
        call %1$s-sse
        disconnect %1$s-sse
        """.formatted(replica.id(), endpoint("sse", replica.sseUrl()));
  }

  private ObjectNode record(Replica replica) {
    var record = endpoint("streamableHttp", replica.mcpUrl());
    if (!replica.hasClientByHand()) return record;
    record.putObject("authorization").put("method", "oauth2").put("scopes", scopes(replica)).putObject("config")
        .put("client_id", Replica.CLIENT_ID)
        .put("client_secret", Replica.CLIENT_SECRET).put("redirect_uri", base + Replica.CALLBACK);
    return record;
  }

  /** Without scopes in the record, all those are asked for that the server publishes: at GitHub, all there are. */
  private static String scopes(Replica replica) {
    return switch (replica.provider()) {
      case GITHUB_APP, GITHUB_OAUTH_APP -> "repo";
      case X -> "tweet.read users.read offline.access";
      case NOTION, NOTION_MCP, NEON -> "";
    };
  }

  private static ObjectNode endpoint(String type, String url) {
    var record = Json.newObject();
    record.putObject("endpoint").put("type", type).put("url", url);
    return record;
  }
}
