package social.avatarai.mcp.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.ServerRecord;
import social.avatarai.mcp.server.ServerImport.Named;

/** Judges the records of an import, each alone, without the store. */
final class RecordJudge {
  private final Profiles profiles;

  RecordJudge(Profiles profiles) {
    this.profiles = profiles;
  }

  /**
   * Judges the next record.
   *
   * @param seen the keys of the records before it; this one is added
   */
  Judged judge(Caller caller, JsonNode record, Set<ConnectionKey> seen) {
    var named = new Named(id(record), null);
    try {
      if (!(record instanceof ObjectNode body)) throw ServerImport.bad("The record is not an object.");
      named = new Named(id(record), user(caller, body.path("userId")));
      var key = new ConnectionKey(Objects.requireNonNull(named.user()), requireId(body.path("mcpId")));
      if (!caller.operator() && !key.user().equals(caller.user()))
        throw new Failure.NotPermitted(ErrorCode.FORBIDDEN, "The record is another user's.");
      if (!seen.add(key)) throw ServerImport.bad("A record before this one has the same mcpId.");
      if (BuiltInRegistry.isBuiltIn(body))
        return judgeBuiltIn(caller, new Named(key.connection(), caller.user()), body);
      var read = ServerRecord.read(key, body, profiles);
      // Judged here too, because it is read later.
      var _ = read.createdAt();
      return new Judged.Own(named, read, Precondition.none());
    } catch (Failure failure) {
      return new Judged.Wrong(named, failure);
    }
  }

  /** A list shows a user the built-in records under the user's own id, so the id says nothing here. */
  private Judged judgeBuiltIn(Caller caller, Named named, ObjectNode body) {
    if (!caller.operator()) return new Judged.Foreign(named);
    var record = body.deepCopy().put("userId", caller.user().value());
    var _ = ServerRecord.read(named.key(), record.deepCopy().put("isBuiltin", false), profiles);
    return new Judged.BuiltIn(named, record);
  }

  private static UserId user(Caller caller, JsonNode userId) {
    if (userId.isMissingNode() || userId.isNull() || "".equals(userId.textValue())) return caller.user();
    if (userId.isTextual()) return valueOf("userId", () -> new UserId(userId.textValue()));
    throw ServerImport.bad("The record's userId must be a text.");
  }

  private static ConnectionId requireId(JsonNode mcpId) {
    if (mcpId.isMissingNode() || mcpId.isNull()) throw ServerImport.bad("The record's mcpId is missing.");
    if (mcpId.isTextual()) return valueOf("mcpId", () -> ConnectionId.ofMcpId(mcpId.textValue()));
    throw ServerImport.bad("The record's mcpId must be a text.");
  }

  private static <T> T valueOf(String member, Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw ServerImport.bad("The record's " + member + " " + e.getMessage() + ".");
    }
  }

  private static @Nullable ConnectionId id(JsonNode record) {
    return Json.text(record, "mcpId").filter(id -> ConnectionId.isValid(id) && !id.startsWith("r:"))
        .map(ConnectionId::new).orElse(null);
  }
}
