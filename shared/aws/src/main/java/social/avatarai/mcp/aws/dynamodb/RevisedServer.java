package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.record.Revision;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** A server's item with a fresh revision, as it is written. */
record RevisedServer(Map<String, AttributeValue> item, Revision revision) {

  static RevisedServer of(Map<String, AttributeValue> server) {
    var revision = Revision.fresh();
    var item = new HashMap<>(server);
    item.put(ServerItem.REVISION, text(revision.value()));
    return new RevisedServer(item, revision);
  }

  /** The revision, if the write was applied. A second try, after a lost response, finds the revision of the first one. */
  Optional<Revision> ifApplied(WriteResult written) {
    boolean applied = written.applied()
        || written.text(ServerItem.REVISION).filter(revision.value()::equals).isPresent();
    return applied ? Optional.of(revision) : Optional.empty();
  }
}
