package social.avatarai.mcp.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.ServerRecord;
import social.avatarai.mcp.server.ServerImport.Named;

/** Judges the records of one import, each alone, without the store. */
final class RecordJudge {
  private static final String OF_OPERATOR = "The operator has written this record for all users. It is there already, and "
      + "no user's import changes it.";
  private static final String NOT_WANTED = "This record is a built-in one, for all users. To store it, import it with "
      + "builtIn=true.";
  private static final String OF_USER = "This record is a built-in one, for all users, and its userId is another user's. "
      + "To store it, import it without the userId.";

  private final Profiles profiles;
  private final Caller caller;
  private final boolean builtIns;
  /** The keys of the records that were judged before. */
  private final Set<ConnectionKey> seen = new HashSet<>();

  /** @param builtIns whether the caller wants built-in records to be stored, which the operator alone can do */
  RecordJudge(Profiles profiles, Caller caller, boolean builtIns) {
    this.profiles = profiles;
    this.caller = caller;
    this.builtIns = builtIns;
  }

  /** Judges the next record. Its secrets do not count for the records beside it. */
  Judged judge(JsonNode record) {
    return InvocationSecrets.apart(() -> judged(record));
  }

  private Judged judged(JsonNode record) {
    var named = new Named(id(record), null);
    try {
      if (!(record instanceof ObjectNode body)) throw ServerImport.bad("The record is not an object.");
      named = new Named(id(record), user(body.path("userId")));
      var key = new ConnectionKey(Objects.requireNonNull(named.user()), requireId(body.path("mcpId")));
      if (!caller.operator() && !key.user().equals(caller.user()))
        throw new Failure.NotPermitted(ErrorCode.FORBIDDEN, "The record is another user's.");
      if (!seen.add(key)) throw ServerImport.bad("A record before this one has the same mcpId.");
      if (BuiltInRegistry.isBuiltIn(body)) return judgeBuiltIn(named, body);
      var read = ServerRecord.read(key, body, profiles);
      // Judged here too, because it is read later.
      var _ = read.createdAt();
      return new Judged.Own(named, read, Precondition.none());
    } catch (Failure failure) {
      return new Judged.Wrong(named, failure);
    }
  }

  /**
   * A document may be from another user, and the operator only hands it on. So a record for all users is taken from a
   * document of the operator's own alone, and if the call says so.
   */
  private Judged judgeBuiltIn(Named named, ObjectNode body) {
    if (!caller.operator()) return new Judged.Foreign(named, OF_OPERATOR);
    if (!builtIns) return new Judged.Foreign(named, NOT_WANTED);
    if (!caller.user().equals(named.user())) return new Judged.Foreign(named, OF_USER);
    var record = body.deepCopy().put("userId", caller.user().value());
    var _ = ServerRecord.read(named.key(), record.deepCopy().put("isBuiltin", false), profiles);
    return new Judged.BuiltIn(named, record);
  }

  private UserId user(JsonNode userId) {
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
