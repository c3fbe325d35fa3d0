package social.avatarai.mcp.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.ServerRecord;
import social.avatarai.mcp.server.ServerRegistry.Stored;

/**
 * Imports many server records in one call, each for its own user. A wrong record does not keep the others from being
 * imported, unless the caller wants all or nothing.
 */
public final class ServerImport {
  /** The most records of one import. */
  public static final int MAX_RECORDS = 1_000;
  /** The most records of an import that stores all or nothing, because one call must be able to take them back. */
  public static final int MAX_ATOMIC = 100;
  /** With less time than this, no further record is begun: it may need a secret's store and an issuer. */
  private static final Duration MIN_FOR_RECORD = Duration.ofSeconds(6);

  private final ServerRegistry registry;
  private final BuiltInRegistry builtIns;
  private final Profiles profiles;
  private final Journal journal;

  public ServerImport(ServerRegistry registry, BuiltInRegistry builtIns, Profiles profiles, Journal journal) {
    this.registry = registry;
    this.builtIns = builtIns;
    this.profiles = profiles;
    this.journal = journal;
  }

  /** What was done with a record. */
  public enum Status {
    CREATED, UPDATED,
    /** The record is wrong, or could not be stored. */
    FAILED,
    /** Nothing of the record is stored, although it is not wrong: the time was over, or the import is all or nothing. */
    SKIPPED;

    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    public boolean isImported() { return this == CREATED || this == UPDATED; }
  }

  /**
   * The result of one record.
   *
   * @param record whose record it is
   * @param status what was done
   * @param shown the record as it is shown now; null if it is not stored
   * @param tokens what has become of its live tokens
   * @param failure why it failed; null if it did not
   * @param reason why it was skipped; "" if it was not
   */
  public record Result(Named record, Status status, @Nullable ObjectNode shown, LiveGrants.Outcome tokens,
      @Nullable Failure failure, String reason) {

    private static Result of(Named record, Stored stored) {
      var status = stored.before().isPresent() ? Status.UPDATED : Status.CREATED;
      return new Result(record, status, stored.shown(), stored.tokens().outcome(), null, "");
    }

    private static Result failed(Named record, Failure failure) {
      return new Result(record, Status.FAILED, null, LiveGrants.Outcome.NONE, failure, "");
    }

    private static Result skipped(Named record, String reason) {
      return new Result(record, Status.SKIPPED, null, LiveGrants.Outcome.NONE, null, reason);
    }
  }

  /**
   * Whose record it is.
   *
   * @param mcpId the server's id; null if the record has no valid one
   * @param user the user; null if the record has no valid one
   */
  public record Named(@Nullable ConnectionId mcpId, @Nullable UserId user) {
    ConnectionKey key() {
      return new ConnectionKey(Objects.requireNonNull(user), Objects.requireNonNull(mcpId));
    }
  }

  /** A record that was judged before anything is written. */
  private sealed interface Judged {
    Named named();

    /** A record of one user. */
    record Own(Named named, ServerRecord record) implements Judged {}

    /** A record of the operator, for all users. */
    record BuiltIn(Named named, ObjectNode body) implements Judged {}

    /** The operator's record in a user's document: lists show such records among the user's own. */
    record Foreign(Named named) implements Judged {}

    record Wrong(Named named, Failure failure) implements Judged {}

    default boolean isWrong() { return this instanceof Wrong; }
  }

  /**
   * Imports the records of a document, {@code {"servers": […]}}.
   *
   * @param atomic whether nothing is stored if one of the records is wrong
   * @return one result for each record, in the same order
   */
  public List<Result> importAll(Caller caller, ObjectNode document, boolean atomic, Invocation at) {
    var records = records(document, atomic ? MAX_ATOMIC : MAX_RECORDS);
    var seen = new HashSet<ConnectionKey>();
    var judged = new ArrayList<Judged>();
    records.forEach(record -> judged.add(judge(caller, record, seen)));
    var results = atomic ? allOrNothing(judged, at) : one(judged, at);
    note(results);
    return results;
  }

  private static JsonNode records(ObjectNode document, int most) {
    var servers = document.path("servers");
    if (servers.isNull()) return Json.newObject().arrayNode();
    if (!servers.isArray()) throw bad("The body must be an object with a list of records in servers.");
    if (servers.size() <= most) return servers;
    throw bad("An import has at most " + MAX_RECORDS + " records, and at most " + MAX_ATOMIC
        + " where it is all or nothing.");
  }

  private Judged judge(Caller caller, JsonNode record, Set<ConnectionKey> seen) {
    var named = new Named(id(record), null);
    try {
      if (!(record instanceof ObjectNode body)) throw bad("The record is not an object.");
      named = new Named(id(record), user(caller, body.path("userId")));
      var key = new ConnectionKey(Objects.requireNonNull(named.user()), requireId(body.path("mcpId")));
      if (!caller.operator() && !key.user().equals(caller.user()))
        throw new Failure.NotPermitted(ErrorCode.FORBIDDEN, "The record is another user's.");
      if (!seen.add(key)) throw bad("A record before this one has the same mcpId.");
      if (BuiltInRegistry.isBuiltIn(body)) return builtIn(caller, new Named(key.connection(), caller.user()), body);
      var read = ServerRecord.read(key, body, profiles);
      // Judged here too, because it is read later.
      var _ = read.createdAt();
      return new Judged.Own(named, read);
    } catch (Failure failure) {
      return new Judged.Wrong(named, failure);
    }
  }

  /** A list shows a user the built-in records under the user's own id, so the id says nothing here. */
  private Judged builtIn(Caller caller, Named named, ObjectNode body) {
    if (!caller.operator()) return new Judged.Foreign(named);
    var record = body.deepCopy().put("userId", caller.user().value());
    var _ = ServerRecord.read(named.key(), record.deepCopy().put("isBuiltin", false), profiles);
    return new Judged.BuiltIn(named, record);
  }

  private static UserId user(Caller caller, JsonNode userId) {
    if (userId.isMissingNode() || userId.isNull() || "".equals(userId.textValue())) return caller.user();
    if (userId.isTextual()) return valueOf("userId", () -> new UserId(userId.textValue()));
    throw bad("The record's userId must be a text.");
  }

  private static ConnectionId requireId(JsonNode mcpId) {
    if (mcpId.isMissingNode() || mcpId.isNull()) throw bad("The record's mcpId is missing.");
    if (mcpId.isTextual()) return valueOf("mcpId", () -> ConnectionId.ofMcpId(mcpId.textValue()));
    throw bad("The record's mcpId must be a text.");
  }

  private static <T> T valueOf(String member, Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw bad("The record's " + member + " " + e.getMessage() + ".");
    }
  }

  private static @Nullable ConnectionId id(JsonNode record) {
    return Json.text(record, "mcpId").filter(id -> ConnectionId.isValid(id) && !id.startsWith("r:"))
        .map(ConnectionId::new).orElse(null);
  }

  private List<Result> one(List<Judged> all, Invocation at) {
    return all.stream().map(judged -> store(judged, at).result()).toList();
  }

  /** A result, and what was stored of a user's own record; null if nothing was. */
  private record Tried(Result result, @Nullable Stored stored) {
    private static Tried of(Result result) {
      return new Tried(result, null);
    }
  }

  private Tried store(Judged judged, Invocation at) {
    boolean late = !judged.isWrong() && !at.deadline().hasAtLeast(MIN_FOR_RECORD);
    if (late)
      return Tried.of(Result.skipped(judged.named(), "The time of the call was over: import this record again."));
    try {
      return switch (judged) {
        case Judged.Wrong(var named, var failure) -> Tried.of(Result.failed(named, failure));
        case Judged.Foreign(var named) -> Tried.of(Result.skipped(named,
            "The record is one that the operator has written for all users. It is there already."));
        case Judged.BuiltIn(var named, var body) -> Tried.of(storedForAll(named, body, at));
        case Judged.Own(var named, var record) -> {
          var stored = registry.store(named.key(),
              new ServerRegistry.Storing(record, record.createdAt(), Precondition.none()), at);
          yield new Tried(Result.of(named, stored), stored);
        }
      };
    } catch (Failure failure) {
      return Tried.of(Result.failed(judged.named(), noted(judged, failure)));
    } catch (RuntimeException e) {
      return Tried.of(Result.failed(judged.named(), noted(judged, Failure.Internal.of(e))));
    }
  }

  private Result storedForAll(Named named, ObjectNode body, Invocation at) {
    var status = builtIns.isThere(named.key().connection()) ? Status.UPDATED : Status.CREATED;
    var kept = builtIns.put(named.key(), body, Precondition.none(), at);
    return new Result(named, status, kept.document(), LiveGrants.Outcome.NONE, null, "");
  }

  /**
   * Stores all records, or none. What can be judged without writing is judged first. If a write fails then, the records
   * before it are taken back.
   */
  private List<Result> allOrNothing(List<Judged> all, Invocation at) {
    var judged = withStoreAsked(all);
    if (judged.stream().anyMatch(Judged::isWrong)) {
      return judged.stream()
          .map(one -> one instanceof Judged.Wrong(var named, var failure) ? Result.failed(named, failure) : spared(one))
          .toList();
    }
    var done = new LinkedHashMap<Judged, Tried>();
    for (var one : judged) {
      var tried = store(one, at);
      done.put(one, tried);
      if (!(one instanceof Judged.Foreign) && tried.stored() == null) return takenBack(judged, done, at);
    }
    return done.values().stream().map(Tried::result).toList();
  }

  private List<Result> takenBack(List<Judged> all, Map<Judged, Tried> done, Invocation at) {
    return all.stream().map(one -> {
      var tried = done.get(one);
      if (tried == null) return spared(one);
      return tried.stored() == null || !takeBack(one, tried.stored(), at) ? tried.result() : spared(one);
    }).toList();
  }

  /** Whether a record was taken back. If not, its result stays: the record is stored. */
  private boolean takeBack(Judged one, Stored stored, Invocation at) {
    try {
      registry.undo(stored, at.deadline());
      return true;
    } catch (RuntimeException e) {
      noted(one, e instanceof Failure failure ? failure : Failure.Internal.of(e));
      return false;
    }
  }

  private static Result spared(Judged one) {
    return Result.skipped(one.named(), "Nothing is stored, because another record of this import failed.");
  }

  /** The same records, with what only the store knows. */
  private List<Judged> withStoreAsked(List<Judged> all) {
    var wanted = new HashMap<UserId, Set<ConnectionId>>();
    all.stream().filter(Judged.Own.class::isInstance).map(one -> one.named().key())
        .forEach(key -> wanted.computeIfAbsent(key.user(), _ -> new HashSet<>()).add(key.connection()));
    var crowded = new HashMap<UserId, Failure>();
    wanted.forEach((user, ids) -> failure(() -> registry.requireRoom(user, ids))
        .ifPresent(failure -> crowded.put(user, failure)));
    return all.stream().map(one -> switch (one) {
      case Judged.Own(var named, var record) -> Optional.ofNullable(crowded.get(named.key().user()))
          .or(() -> failure(() -> registry.requireStorable(named.key(), record)))
          .<Judged>map(found -> new Judged.Wrong(named, found)).orElse(one);
      // A record that all users see at once cannot be taken back from them.
      case Judged.BuiltIn(var named, var _) -> new Judged.Wrong(named, new Failure.BadRequest(
          ErrorCode.UNSUPPORTED_RECORD, "An import that is all or nothing takes no built-in records."));
      case Judged.Foreign _,Judged.Wrong _ -> one;
    }).toList();
  }

  private static Optional<Failure> failure(Runnable check) {
    try {
      check.run();
      return Optional.empty();
    } catch (Failure failure) {
      return Optional.of(failure);
    }
  }

  private Failure noted(Judged judged, Failure failure) {
    journal.write("record_not_imported", Map.of("connection", judged.named().key().connection(), "error",
        failure.code().wireName(), "detail", failure.detail()));
    return failure;
  }

  private void note(List<Result> results) {
    long imported = results.stream().filter(result -> result.status().isImported()).count();
    journal.write("servers_imported", Map.of("records", results.size(), "imported", imported));
  }

  private static Failure bad(String message) {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST, message);
  }
}
