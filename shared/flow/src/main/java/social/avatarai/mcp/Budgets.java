package social.avatarai.mcp;

/**
 * What one user may use of this service. A budget of 0 is switched off.
 *
 * @param requestsPerHour calls in an hour that discover servers, register clients or begin flows, together
 * @param grants grants that are kept
 * @param slowCalls calls that wait for servers at the same time, each for longer than a moment
 */
public record Budgets(int requestsPerHour, int grants, int slowCalls) {}
