package social.avatarai.mcp.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.server.ServerImport.Named;
import social.avatarai.mcp.server.ServerImport.Result;
import social.avatarai.mcp.server.ServerImport.Status;
import social.avatarai.mcp.server.ServerRegistry.RecordWrite;
import social.avatarai.mcp.server.ServerRegistry.Storing;
import social.avatarai.mcp.token.Grant;

/** Stores judged records of an import. A failure is the result of its record. */
final class RecordWriter {
  /** With less time than this, no further record is begun: it may need a secret's store and an issuer. */
  private static final Duration MIN_FOR_RECORD = Duration.ofSeconds(6);

  private final ServerRegistry registry;
  private final BuiltInRegistry builtIns;
  private final Journal journal;

  RecordWriter(ServerRegistry registry, BuiltInRegistry builtIns, Journal journal) {
    this.registry = registry;
    this.builtIns = builtIns;
    this.journal = journal;
  }

  /** What was done with a record. */
  sealed interface Written {
    Result result();

    /** A user's own record is stored. Its tokens have become this grant. */
    record Own(Result result, RecordWrite write, Optional<Grant> grant) implements Written {}

    /** A user's own record is written, and something failed after it. */
    record Half(Result result, RecordWrite write) implements Written {}

    /** A built-in record is stored. */
    record BuiltIn(Result result) implements Written {}

    /** Nothing is stored. */
    record Nothing(Result result) implements Written {}
  }

  /** Stores a record, if it is not wrong and there is time. Its secrets do not count for the records beside it. */
  Written write(Judged judged, Invocation at) {
    return InvocationSecrets.apart(() -> written(judged, at));
  }

  private Written written(Judged judged, Invocation at) {
    boolean late = !judged.isWrong() && !at.deadline().hasAtLeast(MIN_FOR_RECORD);
    if (late) return nothing(judged, "The time of the call was over: import this record again.");
    try {
      return switch (judged) {
        case Judged.Wrong(var named, var failure) -> new Written.Nothing(new Result.Failed(named, failure));
        case Judged.Foreign foreign -> nothing(foreign, foreign.reason());
        case Judged.BuiltIn(var named, var body) -> storeForAll(named, body, at);
        case Judged.Own own -> store(own, at);
      };
    } catch (RuntimeException e) {
      return fail(judged, Failure.of(e));
    }
  }

  private Written store(Judged.Own own, Invocation at) {
    var write = new AtomicReference<@Nullable RecordWrite>();
    try {
      var stored = registry.store(own.named().key(),
          new Storing(own.record(), own.record().createdAt(), own.expected(), write::set), at);
      var status = stored.write().before().isPresent() ? Status.UPDATED : Status.CREATED;
      var result = new Result.Imported(own.named(), status, stored.shown(), stored.tokens().outcome());
      return new Written.Own(result, stored.write(), stored.tokens().grant());
    } catch (RuntimeException e) {
      var nothing = fail(own, Failure.of(e));
      var half = write.get();
      return half == null ? nothing : new Written.Half(nothing.result(), half);
    }
  }

  private Written storeForAll(Named named, ObjectNode body, Invocation at) {
    var status = builtIns.isThere(named.key().connection()) ? Status.UPDATED : Status.CREATED;
    var kept = builtIns.put(named.key(), body, Precondition.none(), at);
    return new Written.BuiltIn(new Result.Imported(named, status, kept.document(), LiveGrants.Outcome.NONE));
  }

  private static Written nothing(Judged judged, String reason) {
    return new Written.Nothing(new Result.Skipped(judged.named(), reason));
  }

  private Written fail(Judged judged, Failure failure) {
    note(judged, failure);
    return new Written.Nothing(new Result.Failed(judged.named(), failure));
  }

  /** Notes in the journal what could not be done with a record. */
  void note(Judged judged, Failure failure) {
    journal.write("record_not_imported", Map.of("connection", judged.named().key().connection(), "error",
        failure.code().wireName(), "detail", failure.detail()));
  }
}
