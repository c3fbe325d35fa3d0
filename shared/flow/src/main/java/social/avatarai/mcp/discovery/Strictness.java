package social.avatarai.mcp.discovery;

/**
 * What the operator refuses beyond the specification.
 *
 * @param refusesForeignIssuers {@code FOREIGN_ISSUERS=refuse}: a flow with something {@link Foreign} about its issuer is
 *         refused instead of carrying a warning
 * @param exactResources {@code EXACT_RESOURCES=on}: a grant is for the URL of one server; a resource that is a mere
 *         parent of that URL is refused, and so is a URL for messages of HTTP+SSE that is not beside that URL
 */
public record Strictness(boolean refusesForeignIssuers, boolean exactResources) {
  /** What a deployment has without these settings: it warns, and takes every resource that covers the server. */
  public static final Strictness DEFAULT = new Strictness(false, false);
}
