package social.avatarai.mcp.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
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

/**
 * Imports many server records in one call, each for its own user. A wrong record does not keep the others from being
 * imported, unless the caller wants all or nothing.
 */
public final class ServerImport {
  /** The most records of one import. */
  public static final int MAX_RECORDS = 1_000;
  /** The most records of an import that stores all or nothing, because one call must be able to take them back. */
  public static final int MAX_ATOMIC = 100;

  private final Profiles profiles;
  private final RecordWriter writer;
  private final AtomicImport atomicImport;
  private final Journal journal;

  public ServerImport(ServerRegistry registry, BuiltInRegistry builtIns, RecordUndo undo, Profiles profiles,
      Journal journal) {
    this.profiles = profiles;
    this.writer = new RecordWriter(registry, builtIns, journal);
    this.atomicImport = new AtomicImport(registry, writer, undo);
    this.journal = journal;
  }

  /** What was done with a record. */
  public enum Status {
    CREATED, UPDATED,
    /** The record is wrong, or could not be stored. */
    FAILED,
    /** Nothing of the record is stored, although it is not wrong. */
    SKIPPED;

    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The result of one record. */
  public sealed interface Result {
    /** Whose record it is. */
    Named record();

    /** What was done. */
    Status status();

    /**
     * The record is stored.
     *
     * @param status whether it is new
     * @param shown the record as it is shown now
     * @param tokens what has become of its live tokens
     */
    record Imported(Named record, Status status, ObjectNode shown, LiveGrants.Outcome tokens) implements Result {}

    /** The record is wrong, or could not be stored. */
    record Failed(Named record, Failure failure) implements Result {
      @Override
      public Status status() {
        return Status.FAILED;
      }
    }

    /**
     * Nothing of the record is stored, although it is not wrong.
     *
     * @param reason why
     */
    record Skipped(Named record, String reason) implements Result {
      @Override
      public Status status() {
        return Status.SKIPPED;
      }
    }

    /** What has become of the record's live tokens. */
    default LiveGrants.Outcome tokens() {
      return LiveGrants.Outcome.NONE;
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
   * Imports the records of a document, {@code {"servers": […]}}. Built-in records are skipped.
   *
   * @param atomic whether nothing is stored if one of the records is wrong
   * @return one result for each record, in the same order
   */
  public List<Result> importAll(Caller caller, ObjectNode document, boolean atomic, Invocation at) {
    return importAll(new RecordJudge(profiles, caller, false), document, atomic, at);
  }

  /** The same with the built-in records of the operator's own document. */
  public List<Result> importWithBuiltIns(Caller caller, ObjectNode document, boolean atomic, Invocation at) {
    return importAll(new RecordJudge(profiles, caller, true), document, atomic, at);
  }

  private List<Result> importAll(RecordJudge judge, ObjectNode document, boolean atomic, Invocation at) {
    var records = records(document, atomic ? MAX_ATOMIC : MAX_RECORDS);
    var judged = new ArrayList<Judged>();
    records.forEach(record -> judged.add(judge.judge(record)));
    var results = atomic
        ? atomicImport.importAll(judged, at)
        : judged.stream().map(one -> writer.write(one, at).result()).toList();
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

  private void note(List<Result> results) {
    long imported = results.stream().filter(Result.Imported.class::isInstance).count();
    journal.write("servers_imported", Map.of("records", results.size(), "imported", imported));
  }

  static Failure bad(String message) {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST, message);
  }
}
