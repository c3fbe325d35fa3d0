package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.millisOrNull;
import static social.avatarai.mcp.aws.dynamodb.Values.number;
import static social.avatarai.mcp.aws.dynamodb.Values.text;
import static social.avatarai.mcp.aws.dynamodb.Values.textOrNull;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.token.GrantState;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The attributes of a grant's state, which are part of the grant's item ({@link GrantItem}). */
final class GrantStateItem {
  /** Since when the resource server refuses the tokens. Only {@link DynamoDbGrants} writes this attribute. */
  static final String REJECTED = "rejectedMillis";

  private GrantStateItem() {}

  /**
   * The state of a grant without its last use, and without the note that its tokens are refused. Other requests write
   * these meanwhile.
   */
  static Map<String, @Nullable AttributeValue> of(GrantState state) {
    var attributes = new LinkedHashMap<String, @Nullable AttributeValue>();
    attributes.put(GrantItem.STATUS, text(state.status().name()));
    attributes.put("failures", number(state.failures()));
    attributes.put("refusals", number(state.refusals()));
    attributes.put("notBeforeMillis", millisOrNull(state.notBefore()));
    attributes.put("dueMinute", number(state.dueMinute()));
    attributes.put(GrantItem.CAUSE, state.cause() == null ? null : text(state.cause().name()));
    attributes.put("sinceMillis", millisOrNull(state.notes().since()));
    attributes.put("usedSecretMac", textOrNull(state.notes().usedSecret()));
    return attributes;
  }

  /** The state in a whole row. */
  static GrantState state(ItemReader row) {
    return state(row, row.textOrNull("usedSecretMac"));
  }

  /** The state in a row without the digest of the client's secret, which lists do not read. */
  static GrantState listed(ItemReader row) {
    return state(row, null);
  }

  /** A cause that a later release has written counts as none. Rows of earlier releases have no notes. */
  private static GrantState state(ItemReader row, @Nullable String usedSecret) {
    String cause = row.textOrNull(GrantItem.CAUSE);
    var known = Stream.of(GrantState.Cause.values()).filter(word -> word.name().equals(cause)).findFirst().orElse(null);
    var notes = new GrantState.Notes(row.instantOrNull("sinceMillis"), row.instantOrNull(REJECTED), usedSecret);
    return new GrantState(row.word(GrantItem.STATUS, GrantState.Status.class), row.count("failures"),
        row.count("refusals"), row.instantOrNull("notBeforeMillis"), row.instant("lastUsedMillis"),
        row.number("dueMinute"), known, notes);
  }

  /** The condition that no attempt has noted its outcome since this state was read. */
  static Condition same(GrantState read) {
    return Condition.is(GrantItem.STATUS, text(read.status().name()))
        .and(Condition.is("failures", number(read.failures()))).and(Condition.is("refusals", number(read.refusals())))
        .and(Condition.is("notBeforeMillis", millisOrNull(read.notBefore())));
  }
}
