package social.avatarai.mcp.authorization;

import java.util.List;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/**
 * Where browsers may be sent in the end: the operator's list, compared exactly (RFC 9700 §4.11).
 *
 * @param allowed the list; its first entry is the default
 */
public record ReturnTo(List<String> allowed) {

  public ReturnTo {
    allowed = List.copyOf(allowed);
  }

  /** The requested one, if it is allowed. If none is requested, the default, or null if there is no list. */
  public @Nullable String choose(@Nullable String requested) {
    if (requested == null) return allowed.isEmpty() ? null : allowed.getFirst();
    if (allowed.contains(requested)) return requested;
    throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "Parameter return_to is not one that the operator allows.");
  }
}
