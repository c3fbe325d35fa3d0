package social.avatarai.mcp;

/**
 * The caller of our API, as the authorizer verified it.
 *
 * @param user the user whose connections the call is about
 * @param operator whether the caller is the app's own backend (scope {@code mcp:operator})
 */
public record Caller(UserId user, boolean operator) {}
