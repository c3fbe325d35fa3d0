package social.avatarai.mcp;

/**
 * Who calls our API, as the authorizer verified it.
 *
 * @param user the user whose connections are meant
 * @param operator whether the caller is the app's own backend (scope {@code mcp:operator})
 */
public record Caller(UserId user, boolean operator) {}
