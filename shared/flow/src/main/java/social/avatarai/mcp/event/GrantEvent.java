package social.avatarai.mcp.event;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Locale;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.McpServer;

/**
 * An event about a grant. It contains no secret.
 *
 * @param type what has happened
 * @param id the same for every copy of this event, so that a receiver can drop copies
 * @param sequence 57 digits, which grow with each change of a connection
 * @param time when the change was stored
 * @param facts the grant after the change; before the change if the grant was deleted
 */
public record GrantEvent(Type type, String id, String sequence, Instant time, GrantFacts facts) {

  /** What has happened to a grant. */
  public enum Type {
    /** A user has given a grant, or a new one in the place of one that still worked. */
    CONNECTED(McpServer.Status.CONNECTED),
    /** The grant can no longer be renewed. The user has to consent again, or its client needs a new secret. */
    REAUTHORIZATION_REQUIRED(McpServer.Status.REAUTHORIZATION_REQUIRED),
    /** The user has consented again, or the grant is tried again because its client has a new secret. */
    RECOVERED(McpServer.Status.CONNECTED),
    /** The grant was deleted: the user disconnected or was forgotten, or the server record was deleted or changed. */
    REVOKED(McpServer.Status.DISCONNECTED),
    /** The grant has a new version of its tokens. */
    REFRESHED(McpServer.Status.CONNECTED);

    private final McpServer.Status status;

    Type(McpServer.Status status) {
      this.status = status;
    }

    /** The word in events, such as {@code grant.connected}. */
    public String wireName() {
      return "grant." + name().toLowerCase(Locale.ROOT);
    }
  }

  /** The event's data, as it is published. */
  public ObjectNode data() {
    var data = Json.newObject().put("id", id).put("user", facts.key().user().value())
        .put("connection", facts.key().connection().value()).put("grant", facts.grant().value())
        .put("issuer", facts.issuer().value()).put("status", type.status.wireName());
    if (type == Type.REAUTHORIZATION_REQUIRED) data.put("cause", cause());
    return data.put("version", facts.version()).put("sequence", sequence).put("time", time.toString());
  }

  /** The same word as in the list of connections. No cause is stored where the issuer refused without a reason. */
  private String cause() {
    return facts.cause() == null ? "refresh_refused" : facts.cause().toLowerCase(Locale.ROOT);
  }
}
