package social.avatarai.mcp;

/**
 * What every step of one invocation is bound by.
 *
 * @param base where this deployment is reached
 * @param deadline when it must have answered
 */
public record Invocation(PublicBase base, Deadline deadline) {}
