package social.avatarai.mcp.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.server.RecordWriter.Written;
import social.avatarai.mcp.server.ServerImport.Result;

/**
 * Stores all records of an import, or none. What can be judged without writing is judged first, also whether each write
 * can be taken back. If a write fails then, the records before it are taken back, the last one first.
 */
final class AtomicImport {
  private static final String NOT_STORED = "Nothing of this record is stored, because another record of this import failed.";
  private static final String LEFTOVERS = "This record was taken back, because a record of this import failed. "
      + "But its tokens or its client could not be taken back: disconnect the server, or delete the record.";

  private static final String STAYS = "This record is stored, but something failed after it was written, and it could not "
      + "be taken back. Import it again, or delete it.";

  private final ServerRegistry registry;
  private final RecordWriter writer;
  private final RecordUndo undo;

  AtomicImport(ServerRegistry registry, RecordWriter writer, RecordUndo undo) {
    this.registry = registry;
    this.writer = writer;
    this.undo = undo;
  }

  List<Result> importAll(List<Judged> all, Invocation at) {
    var judged = askStore(all);
    if (judged.stream().anyMatch(Judged::isWrong)) return judged.stream().map(AtomicImport::spare).toList();
    var written = new ArrayList<Written>();
    for (var record : judged) {
      var one = writer.write(record, at);
      written.add(one);
      boolean failed = one instanceof Written.Nothing && !(record instanceof Judged.Foreign);
      if (failed || one instanceof Written.Half) return takeBack(judged, written, at);
    }
    return written.stream().map(Written::result).toList();
  }

  /** The result of a record that is not stored. */
  private static Result spare(Judged judged) {
    return judged instanceof Judged.Wrong(var named, var failure)
        ? new Result.Failed(named, failure)
        : new Result.Skipped(judged.named(), NOT_STORED);
  }

  private List<Result> takeBack(List<Judged> judged, List<Written> written, Invocation at) {
    var results = new ArrayList<>(judged.stream().map(AtomicImport::spare).toList());
    for (int i = written.size() - 1; i >= 0; i--)
      results.set(i, takeBack(judged.get(i), written.get(i), at));
    return results;
  }

  /** Takes a record back. If that is not possible, the record is reported as stored. */
  private Result takeBack(Judged judged, Written written, Invocation at) {
    try {
      return switch (written) {
        case Written.Own(var _, var write, var grant) -> new Result.Skipped(judged.named(),
            undo.undo(write, grant, at.deadline()) ? NOT_STORED : LEFTOVERS);
        // The failure of this record is why the others are not stored.
        case Written.Half(var failed, var write) -> undo.undo(write, Optional.empty(), at.deadline())
            ? failed
            : new Result.Skipped(judged.named(), LEFTOVERS);
        case Written.BuiltIn _,Written.Nothing _ -> written.result();
      };
    } catch (RuntimeException e) {
      writer.note(judged, Failure.of(e));
      return written instanceof Written.Half ? new Result.Skipped(judged.named(), STAYS) : written.result();
    }
  }

  /** The same records, with what only the store knows. */
  private List<Judged> askStore(List<Judged> all) {
    var wanted = new HashMap<UserId, Set<ConnectionId>>();
    all.stream().filter(Judged.Own.class::isInstance).map(one -> one.named().key())
        .forEach(key -> wanted.computeIfAbsent(key.user(), _ -> new HashSet<>()).add(key.connection()));
    var crowded = new HashMap<UserId, Failure>();
    wanted.forEach((user, ids) -> {
      try {
        registry.requireRoom(user, ids);
      } catch (Failure failure) {
        crowded.put(user, failure);
      }
    });
    return all.stream().map(one -> switch (one) {
      case Judged.Own own -> InvocationSecrets.apart(() -> askStore(own, crowded.get(own.named().key().user())));
      // A record that all users see at once cannot be taken back from them.
      case Judged.BuiltIn(var named, var _) -> new Judged.Wrong(named, new Failure.BadRequest(
          ErrorCode.UNSUPPORTED_RECORD, "An import that is all or nothing takes no built-in records."));
      case Judged.Foreign _,Judged.Wrong _ -> one;
    }).toList();
  }

  private Judged askStore(Judged.Own own, @Nullable Failure crowded) {
    if (crowded != null) return new Judged.Wrong(own.named(), crowded);
    try {
      return new Judged.Own(own.named(), own.record(), undo.requireReversible(own.named().key(), own.record()));
    } catch (Failure failure) {
      return new Judged.Wrong(own.named(), failure);
    }
  }
}
