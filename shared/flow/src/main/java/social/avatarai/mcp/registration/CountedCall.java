package social.avatarai.mcp.registration;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.registration.RequestCounter.GrantsSeen;

/**
 * An API call that was counted in its user's budget of requests. Later steps of the call take this in place of counting
 * the call again.
 *
 * @param calls the calls of the user in this hour, with this one
 * @param seen how many grants the user had, as an earlier call of this hour has noted; null if none has
 */
public record CountedCall(long calls, @Nullable GrantsSeen seen) {}
