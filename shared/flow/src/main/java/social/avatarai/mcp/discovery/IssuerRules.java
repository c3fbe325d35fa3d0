package social.avatarai.mcp.discovery;

import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.http.Site;

/**
 * Decides whether an issuer may be used for a resource: by the metadata of both, by the exceptions that the operator and
 * the profiles allow for single issuers, and by what the operator refuses beyond the specification.
 * The issuers of the operator and of profiles match the published ones with or without one trailing slash.
 *
 * @param profiles the provider profiles
 * @param bindings issuers by the resource origin to which the operator has bound them
 * @param pkceExceptions issuers that the operator trusts to support S256, although their metadata does not say so
 * @param plainCallbackIssuers issuers for which the operator allows the plain callback
 * @param strictness what the operator refuses beyond the specification
 */
public record IssuerRules(Profiles profiles, Map<String, Issuer> bindings, Set<Issuer> pkceExceptions,
    Set<Issuer> plainCallbackIssuers, Strictness strictness) {

  /** What a user can do where the operator and the profiles bind nothing. */
  private static final String BY_RECORD = " A server record binds it where its authorization.config names it as issuer, "
      + "together with the client_id of a client of your own there.";

  public IssuerRules {
    bindings = Map.copyOf(bindings);
    pkceExceptions = Set.copyOf(pkceExceptions);
    plainCallbackIssuers = Set.copyOf(plainCallbackIssuers);
  }

  /** The same rules, where the operator has also bound this issuer to the server's origin. */
  public IssuerRules binding(EndpointUrl server, Issuer issuer) {
    var bound = new HashMap<>(bindings);
    bound.put(server.origin(), issuer);
    return new IssuerRules(profiles, bound, pkceExceptions, plainCallbackIssuers, strictness);
  }

  /** Whether the operator or a profile has bound this issuer to the server's origin. */
  public boolean binds(Issuer issuer, EndpointUrl server) {
    return bindsByOperator(issuer, server) || isOfOrigin(issuer, server);
  }

  private boolean bindsByOperator(Issuer issuer, EndpointUrl server) {
    var bound = bindings.get(server.origin());
    return bound != null && bound.means(issuer);
  }

  /** Whether the profile of this issuer names the server's origin. */
  private boolean isOfOrigin(Issuer issuer, EndpointUrl server) {
    return profiles.of(issuer).filter(profile -> profile.resourceOrigins().contains(server.origin())).isPresent();
  }

  /** Whether the operator has bound the server's origin to an issuer. */
  public boolean isBoundByOperator(EndpointUrl server) {
    return bindings.containsKey(server.origin());
  }

  /**
   * Whether clients that were registered by hand at this issuer may use the plain callback. Only the operator's list or
   * a profile can allow this. No other trust in an issuer counts here.
   */
  public boolean allowsPlainCallback(Issuer issuer) {
    return plainCallbackIssuers.stream().anyMatch(allowed -> allowed.means(issuer))
        || profiles.of(issuer).filter(Profile::plainCallback).isPresent();
  }

  /**
   * Whether the resource's metadata, the operator or a profile names this issuer for it. An issuer that a profile
   * reserves is for the origins of the profile alone.
   *
   * <p>A profile with metadata of its own keeps its origins for its issuer. Every other profile counts where the server
   * publishes no metadata. A server that does may have moved since the profile was written, and is followed.
   */
  public boolean isBound(DiscoveredResource resource, Issuer issuer) {
    var server = resource.server();
    if (bindsByOperator(issuer, server)) return true;
    if (isKept(resource)) return isOfOrigin(issuer, server);
    return names(resource, issuer) && (!isReserved(issuer) || isOfOrigin(issuer, server));
  }

  private boolean isKept(DiscoveredResource resource) {
    return profilesOf(resource.server()).anyMatch(profile -> resource.isLegacy() || profile.metadata() != null);
  }

  /** Whether the metadata names this issuer: exactly, or in the other spelling of an issuer that a profile knows. */
  private boolean names(DiscoveredResource resource, Issuer issuer) {
    return resource.issuers().contains(issuer)
        || (profiles.hasProfileOf(issuer) && resource.issuers().contains(issuer.otherSpelling()));
  }

  /**
   * Whether the user's own record, which names this issuer together with the user's own client there, can bind it.
   *
   * <p>Rule: the resource names its issuers (RFC 9728 §2). Deviation: where the server publishes no metadata, the record
   * names the issuer; where the metadata names an issuer that a profile reserves for other origins, the record's client
   * is used there. Forced by: MCP servers that users run in front of GitHub, X or Notion. Still strict: metadata that
   * names other issuers, and an origin that the operator or a profile has bound, count more than a record; no client but
   * the user's own is used, see {@link social.avatarai.mcp.registration.UsersOwnClients}.
   */
  public boolean canRecordBind(DiscoveredResource resource, Issuer issuer) {
    if (isBoundToAnother(resource.server(), issuer)) return false;
    return resource.isLegacy() || (names(resource, issuer) && isReserved(issuer));
  }

  /**
   * Whether it is the word of the user's record that is followed: where nothing else binds this issuer, or where the
   * record states the issuer's endpoints.
   */
  public boolean followsRecord(DiscoveredResource resource, Issuer issuer, boolean statesEndpoints) {
    return canRecordBind(resource, issuer) && (statesEndpoints || !isBound(resource, issuer));
  }

  /**
   * Whether the resource belongs to other issuers than this one: its metadata does not name it, and nothing else can bind
   * it. An issuer that the metadata still names is never left, even if no new flow may begin there: the grant is renewed.
   */
  public boolean isLeft(DiscoveredResource resource, Issuer issuer) {
    return !names(resource, issuer) && !isBound(resource, issuer) && !canRecordBind(resource, issuer);
  }

  /** Whether the operator's word for the server, or a profile, means both of these spellings. */
  public boolean meansBoth(EndpointUrl server, Issuer one, Issuer other) {
    var written = Stream.concat(Stream.ofNullable(bindings.get(server.origin())), profiles.issuers().stream());
    return written.anyMatch(issuer -> issuer.means(one) && issuer.means(other));
  }

  /** Whether the operator or a profile has bound the server's origin to another issuer. */
  private boolean isBoundToAnother(EndpointUrl server, Issuer issuer) {
    var bound = bindings.get(server.origin());
    return (bound != null && !bound.means(issuer))
        || (profilesOf(server).findAny().isPresent() && !isOfOrigin(issuer, server));
  }

  /** Refuses an issuer that neither the resource's metadata, nor the operator, nor a profile names for it. */
  public void requireBound(DiscoveredResource resource, Issuer issuer) {
    if (isBound(resource, issuer)) return;
    throw new Failure.BadRequest(ErrorCode.ISSUER_NOT_BOUND, whyUnbound(resource, issuer));
  }

  private String whyUnbound(DiscoveredResource resource, Issuer issuer) {
    String byRecord = canRecordBind(resource, issuer) ? BY_RECORD : "";
    if (resource.isLegacy()) {
      return "Nothing binds this authorization server to the resource: no resource metadata of the server is known, and "
          + "neither the operator's ISSUER_BINDINGS nor a provider profile names it." + byRecord;
    }
    if (!names(resource, issuer)) {
      return "Nothing binds this authorization server to the resource: the resource's own metadata does not name it "
          + "(discover-resource shows which ones it names), and neither the operator's ISSUER_BINDINGS nor a provider "
          + "profile with metadata does. A server record cannot bind it either, because the metadata names others.";
    }
    return "The resource's metadata names this authorization server, but a provider profile keeps "
        + (isReserved(issuer) ? "it for resources of other origins" : "the resource's origin for another one")
        + "; the operator's ISSUER_BINDINGS could bind it to this one." + byRecord;
  }

  /**
   * Whether a profile reserves this issuer for the origins in the profile, which may be none. The operator's own client
   * is used at such an issuer, and its tokens are opaque. If any server's metadata could name this issuer, tokens would
   * be sent to that server.
   */
  private boolean isReserved(Issuer issuer) {
    return profiles.of(issuer).filter(Profile::isReserved).isPresent();
  }

  /** The profiles that name the server's origin. */
  private Stream<Profile> profilesOf(EndpointUrl server) {
    return profiles.all().stream().filter(profile -> profile.resourceOrigins().contains(server.origin()));
  }

  /**
   * The issuer for a resource: the operator's, else the first in the resource's metadata that may be used, else the one
   * of a profile. In the metadata, an issuer of a profile of the server's origin comes first. If there is none, the first
   * in the metadata, which {@link #requireBound} then refuses.
   */
  public Issuer issuerOf(DiscoveredResource resource) {
    var named = resource.issuers().stream()
        .sorted(Comparator.comparing(issuer -> !isOfOrigin(issuer, resource.server())));
    var usable = Stream.concat(named, profilesOf(resource.server()).map(Profile::issuer))
        .filter(issuer -> isBound(resource, issuer));
    return Optional.ofNullable(bindings.get(resource.server().origin())).or(usable::findFirst)
        .map(issuer -> published(resource, issuer)).orElseGet(() -> resource.issuers().getFirst());
  }

  /**
   * The published spelling of an issuer, as far as it is known: that of a profile with the metadata, else that of the
   * resource, else that of any profile.
   */
  public Issuer published(DiscoveredResource resource, Issuer written) {
    var profiled = profiles.of(written).filter(profile -> profile.metadata() != null).map(Profile::issuer);
    var named = written.among(resource.issuers());
    return profiled.orElseGet(() -> resource.issuers().contains(named) ? named : profiled(written));
  }

  /** The spelling of an issuer in its profile; as it is written, if it has none. */
  public Issuer profiled(Issuer written) {
    return written.among(profiles.issuers());
  }

  /**
   * What is foreign about this issuer of a resource. If the operator refuses foreign issuers, the result is empty, or is
   * about an issuer that the operator or a profile binds to the server: {@code foreign_issuer} for every other one.
   */
  public Set<Foreign> requireTrusted(DiscoveredResource resource, AuthorizationServerMetadata issuer) {
    return requireTrusted(resource.server(), resource.metadata().resource(), issuer);
  }

  /** The same for a server whose resource is known without its metadata. */
  public Set<Foreign> requireTrusted(EndpointUrl server, ResourceUri resource, AuthorizationServerMetadata issuer) {
    var foreign = EnumSet.noneOf(Foreign.class);
    boolean bound = binds(issuer.issuer(), server);
    boolean tied = bound || issuer.lists(resource);
    if (!tied && !Site.isShared(issuer.issuer().url(), server)) foreign.add(Foreign.ISSUER);
    if (issuer.hasForeignEndpoints()) foreign.add(Foreign.ENDPOINTS);
    if (foreign.isEmpty() || bound || !strictness.refusesForeignIssuers()) return foreign;
    throw new Failure.BadRequest(ErrorCode.FOREIGN_ISSUER, (foreign.contains(Foreign.ISSUER)
        ? "The authorization server is on another site than the resource, and its metadata does not list the resource"
        : "An endpoint of the authorization server is on another site than the authorization server")
        + "; this deployment refuses that unless the operator's ISSUER_BINDINGS or a provider profile binds the two.");
  }

  /** What the operator or a profile allows for this issuer of a resource beyond the specifications. */
  public Set<Leniency> leniencies(DiscoveredResource resource, AuthorizationServerMetadata server) {
    var found = leniencies(server);
    if (!resource.issuers().contains(server.issuer()) && binds(server.issuer(), resource.server()))
      found.add(Leniency.ISSUER_BY_DEPLOYMENT);
    return found;
  }

  /** The same for an issuer whose binding is known otherwise. */
  public Set<Leniency> leniencies(AuthorizationServerMetadata server) {
    var found = EnumSet.noneOf(Leniency.class);
    if (server.isRenamed()) found.add(Leniency.ISSUER_RENAMED);
    profiles.of(server.issuer()).ifPresent(profile -> {
      boolean stated = !server.registeredAt().equals(server.issuer());
      if (profile.metadata() != null && !stated) found.add(Leniency.METADATA_BY_PROFILE);
      if (!profile.requests().namesResource()) found.add(Leniency.RESOURCE_NOT_SENT);
      if (profile.audienceUnchecked()) found.add(Leniency.AUDIENCE_UNCHECKED);
    });
    return found;
  }

  /**
   * Refuses a resource that is a mere parent of the server's URL, if the operator wants exact resources. A grant for
   * such a resource is for other servers of the origin too.
   */
  public void requireExact(DiscoveredResource resource) {
    var named = resource.metadata().resource().url();
    var server = resource.server();
    boolean exact = named.isSame(server) || named.isSame(server.withoutQuery());
    if (exact || !strictness.exactResources()) return;
    throw new Failure.BadRequest(ErrorCode.RESOURCE_NOT_EXACT,
        "The resource that the server's metadata names is only a parent of the server's URL; this deployment takes "
            + "exact resources only.");
  }

  /**
   * Whether a grant that was given for the server at one URL may be used at another URL that the grant covers. Where the
   * operator wants exact resources, only the query and one trailing slash may differ.
   */
  public boolean mayBeUsedAt(EndpointUrl asked, EndpointUrl granted) {
    return !strictness.exactResources() || granted.withoutQuery().isSame(asked.withoutQuery());
  }

  /**
   * Refuses an authorization server that does not support S256 (MCP specification, authorization security). Returns
   * true if the server does not declare S256 but is trusted to support it.
   */
  public boolean requirePkce(AuthorizationServerMetadata metadata) {
    List<String> methods = metadata.codeChallengeMethods();
    if (methods != null && methods.contains("S256")) return false;
    boolean trusted = pkceExceptions.stream().anyMatch(excepted -> excepted.means(metadata.issuer()))
        || profiles.of(metadata.issuer()).map(Profile::pkceAssumed).orElse(false);
    // A list without S256 is an explicit statement, and no exception overrules this.
    if (methods == null && trusted) return true;
    throw new Failure.ProtocolBroken(ErrorCode.PKCE_UNSUPPORTED,
        "The authorization server does not say that it supports PKCE with S256.", "");
  }
}
