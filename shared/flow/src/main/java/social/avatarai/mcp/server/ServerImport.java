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
  private final Profiles profiles;
  private final Journal journal;

  public ServerImport(ServerRegistry registry, Profiles profiles, Journal journal) {
    this.registry = registry;
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

  /**
   * A record that was judged before anything is written.
   *
   * @param record the record; null if it is wrong
   * @param failure what is wrong; null if nothing is
   */
  private record Judged(Named named, @Nullable ServerRecord record, @Nullable Failure failure) {}

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
      if (Json.isTooDeep(body)) throw bad("The record is nested deeper than " + Json.MAX_DEPTH + " levels.");
      named = new Named(id(record), user(caller, body.path("userId")));
      var key = new ConnectionKey(Objects.requireNonNull(named.user()), requireId(body.path("mcpId")));
      if (!caller.operator() && !key.user().equals(caller.user()))
        throw new Failure.NotPermitted(ErrorCode.FORBIDDEN, "The record is another user's.");
      if (!seen.add(key)) throw bad("A record before this one has the same mcpId.");
      var read = ServerRecord.read(key, body, profiles);
      // Judged here too, because it is read later.
      var _ = read.createdAt();
      return new Judged(named, read, null);
    } catch (Failure failure) {
      return new Judged(named, null, failure);
    }
  }

  private static UserId user(Caller caller, JsonNode userId) {
    if (userId.isMissingNode() || userId.isNull() || "".equals(userId.textValue())) return caller.user();
    if (userId.isTextual()) return UserId.ofParameter("userId", userId.textValue());
    throw bad("The record's userId must be a text.");
  }

  private static ConnectionId requireId(JsonNode mcpId) {
    if (mcpId.isMissingNode() || mcpId.isNull()) throw bad("The record's mcpId is missing.");
    if (mcpId.isTextual()) return ConnectionId.ofMcpId("mcpId", mcpId.textValue());
    throw bad("The record's mcpId must be a text.");
  }

  private static @Nullable ConnectionId id(JsonNode record) {
    return Json.text(record, "mcpId").filter(id -> ConnectionId.isValid(id) && !id.startsWith("r:"))
        .map(ConnectionId::new).orElse(null);
  }

  private List<Result> one(List<Judged> all, Invocation at) {
    return all.stream().map(judged -> {
      if (judged.failure() != null) return Result.failed(judged.named(), judged.failure());
      return store(judged, at).result();
    }).toList();
  }

  /** A result, and what was stored; null if nothing was. */
  private record Tried(Result result, @Nullable Stored stored) {}

  private Tried store(Judged judged, Invocation at) {
    if (!at.deadline().hasAtLeast(MIN_FOR_RECORD)) {
      return new Tried(Result.skipped(judged.named(), "The time of the call was over: import this record again."),
          null);
    }
    try {
      var record = Objects.requireNonNull(judged.record());
      var stored = registry.store(judged.named().key(),
          new ServerRegistry.Storing(record, record.createdAt(), Precondition.none()), at);
      return new Tried(Result.of(judged.named(), stored), stored);
    } catch (Failure failure) {
      return new Tried(Result.failed(judged.named(), noted(judged, failure)), null);
    } catch (RuntimeException e) {
      return new Tried(Result.failed(judged.named(), noted(judged, Failure.Internal.of(e))), null);
    }
  }

  /**
   * Stores all records, or none. What can be judged without writing is judged first. If a write fails then, the records
   * before it are taken back.
   */
  private List<Result> allOrNothing(List<Judged> all, Invocation at) {
    var judged = withStoreAsked(all);
    if (judged.stream().anyMatch(one -> one.failure() != null)) {
      return judged.stream().map(one -> one.failure() == null ? spared(one) : Result.failed(one.named(), one.failure()))
          .toList();
    }
    var done = new LinkedHashMap<Judged, Tried>();
    for (var one : judged) {
      var tried = store(one, at);
      done.put(one, tried);
      if (tried.stored() == null) return takenBack(judged, done, at);
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
    all.stream().filter(one -> one.failure() == null).map(one -> one.named().key())
        .forEach(key -> wanted.computeIfAbsent(key.user(), _ -> new HashSet<>()).add(key.connection()));
    var crowded = new HashMap<UserId, Failure>();
    wanted.forEach((user, ids) -> failure(() -> registry.requireRoom(user, ids))
        .ifPresent(failure -> crowded.put(user, failure)));
    return all.stream().map(one -> {
      if (one.failure() != null) return one;
      var failure = Optional.ofNullable(crowded.get(one.named().key().user())).or(() -> failure(
          () -> registry.requireStorable(one.named().key(), Objects.requireNonNull(one.record()))));
      return failure.map(found -> new Judged(one.named(), null, found)).orElse(one);
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
