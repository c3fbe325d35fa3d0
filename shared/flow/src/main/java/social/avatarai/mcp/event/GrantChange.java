package social.avatarai.mcp.event;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A change of a stored grant, as the stream of its table reports it. Only this class decides which event a change is.
 *
 * @param id the stream's id of the change, the same each time the stream delivers it
 * @param sequence digits, whose text is greater for each later change of a connection
 * @param time when the change was stored
 * @param before the grant before; null if there was none
 * @param after the grant after; null if it was deleted
 */
public record GrantChange(String id, String sequence, Instant time, @Nullable GrantFacts before,
    @Nullable GrantFacts after) {
  /** The event that this change is; empty for a change that is no event, such as a note of a use. */
  public Optional<GrantEvent> event() {
    if (after == null) return before == null ? Optional.empty() : Optional.of(event(GrantEvent.Type.REVOKED, before));
    GrantEvent.Type type = type(before, after);
    return type == null ? Optional.empty() : Optional.of(event(type, after));
  }

  private static GrantEvent.@Nullable Type type(@Nullable GrantFacts before, GrantFacts after) {
    if (before == null)
      return after.needsReauthorization() ? GrantEvent.Type.REAUTHORIZATION_REQUIRED : GrantEvent.Type.CONNECTED;
    if (after.needsReauthorization())
      return before.needsReauthorization() ? null : GrantEvent.Type.REAUTHORIZATION_REQUIRED;
    if (before.needsReauthorization()) return GrantEvent.Type.RECOVERED;
    // The versions begin at 1 again, and the user may have chosen another account.
    if (!before.grant().equals(after.grant())) return GrantEvent.Type.CONNECTED;
    return after.version() > before.version() ? GrantEvent.Type.REFRESHED : null;
  }

  private GrantEvent event(GrantEvent.Type type, GrantFacts facts) {
    return new GrantEvent(type, id, sequence, time, facts);
  }
}
