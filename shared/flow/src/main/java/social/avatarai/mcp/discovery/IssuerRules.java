package social.avatarai.mcp.discovery;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;

/**
 * The exceptions that the operator and the profiles allow for single issuers. Everything else follows the
 * specification.
 *
 * @param profiles the provider profiles
 * @param bindings issuers by the resource origin to which the operator has bound them
 * @param pkceExceptions issuers that the operator trusts to support S256, although their metadata does not say so
 * @param plainCallbackIssuers issuers for which the operator allows the plain callback
 */
public record IssuerRules(Profiles profiles, Map<String, Issuer> bindings, Set<Issuer> pkceExceptions,
    Set<Issuer> plainCallbackIssuers) {

  public IssuerRules {
    bindings = Map.copyOf(bindings);
    pkceExceptions = Set.copyOf(pkceExceptions);
    plainCallbackIssuers = Set.copyOf(plainCallbackIssuers);
  }

  /** Whether the operator or a profile has bound this issuer to the server's origin. */
  public boolean binds(Issuer issuer, EndpointUrl server) {
    return issuer.equals(bindings.get(server.origin()))
        || profiles.of(issuer).filter(profile -> profile.resourceOrigins().contains(server.origin())).isPresent();
  }

  /**
   * Whether clients that were registered by hand at this issuer may use the plain callback. Only the operator's list or
   * a profile can allow this. No other trust in an issuer counts here.
   */
  public boolean allowsPlainCallback(Issuer issuer) {
    return plainCallbackIssuers.contains(issuer)
        || profiles.of(issuer).filter(Profile::plainCallback).isPresent();
  }

  /** Whether the resource's metadata, the operator or a profile names this issuer for it. */
  public boolean isBound(DiscoveredResource resource, Issuer issuer) {
    return binds(issuer, resource.server()) || (resource.issuers().contains(issuer) && !isReserved(issuer));
  }

  /** Refuses an issuer that neither the resource's metadata, nor the operator, nor a profile names for it. */
  public void requireBound(DiscoveredResource resource, Issuer issuer) {
    if (isBound(resource, issuer)) return;
    throw new Failure.BadRequest(ErrorCode.ISSUER_NOT_BOUND, resource.issuers().contains(issuer)
        ? "The resource's metadata names this authorization server, but a provider profile keeps it for resources of "
            + "other origins; the operator's ISSUER_BINDINGS could bind it to this one."
        : "Nothing binds this authorization server to the resource: the resource's own metadata does not name it "
            + "(discover-resource shows which ones it names), and neither the operator's ISSUER_BINDINGS nor a provider "
            + "profile does.");
  }

  /**
   * Whether a profile reserves this issuer for the origins in the profile. The operator's own client is used at such an
   * issuer, and its tokens are opaque. If any server's metadata could name this issuer, tokens would be sent to that
   * server.
   */
  private boolean isReserved(Issuer issuer) {
    return profiles.of(issuer).filter(profile -> !profile.resourceOrigins().isEmpty()).isPresent();
  }

  /** The issuer for a resource: the bound issuer, else the first issuer in the resource's metadata. */
  public Issuer issuerOf(DiscoveredResource resource) {
    return Optional.ofNullable(bindings.get(resource.server().origin()))
        .orElseGet(() -> resource.issuers().getFirst());
  }

  /**
   * Refuses an authorization server that does not support S256 (MCP specification, authorization security). Returns
   * true if the server does not declare S256 but is trusted to support it.
   */
  public boolean requirePkce(AuthorizationServerMetadata metadata) {
    List<String> methods = metadata.codeChallengeMethods();
    if (methods != null && methods.contains("S256")) return false;
    boolean trusted = pkceExceptions.contains(metadata.issuer())
        || profiles.of(metadata.issuer()).map(Profile::pkceAssumed).orElse(false);
    // A list without S256 is an explicit statement, and no exception overrules this.
    if (methods == null && trusted) return true;
    throw new Failure.ProtocolBroken(ErrorCode.PKCE_UNSUPPORTED,
        "The authorization server does not say that it supports PKCE with S256.", "");
  }
}
