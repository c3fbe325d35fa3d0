package social.avatarai.mcp;

/**
 * The values that every step of one invocation needs.
 *
 * @param base the public address of this deployment
 * @param deadline the time by which the invocation must have responded
 */
public record Invocation(PublicBase base, Deadline deadline) {}
