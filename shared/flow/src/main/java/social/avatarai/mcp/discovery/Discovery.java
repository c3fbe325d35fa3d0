package social.avatarai.mcp.discovery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.DiscoveredResource.Found;
import social.avatarai.mcp.discovery.DiscoveredServer.Source;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.ResponseHead;

/**
 * Finds the authorization server of an MCP server, and the metadata of both.
 *
 * <p>A fallback is used only if metadata is absent. A failed check ends the search (MCP specification,
 * basic/authorization).
 */
public final class Discovery {
  private final Documents documents;
  private final MetadataCache cache;
  private final Profiles profiles;

  /** A discovery without profiles: the metadata of every issuer is fetched. */
  public Discovery(Outbound outbound, MetadataCache cache, Clock clock) {
    this(outbound, cache, new Profiles(List.of()), clock);
  }

  /**
   * @param profiles the profiles. No metadata is fetched for an issuer whose profile has it
   */
  public Discovery(Outbound outbound, MetadataCache cache, Profiles profiles, Clock clock) {
    this.documents = new Documents(outbound, clock);
    this.cache = cache;
    this.profiles = profiles;
  }

  /**
   * The response of a server to a request without a token.
   *
   * @param status the HTTP status
   * @param challenge the challenge of the response
   * @param retryAt the time after which the server asks for a retry; null if unknown
   * @param redirectedTo the server's URL with or without one trailing slash, if the server redirects the request there
   *     by 301, 307 or 308; null if it does not
   */
  public record Probe(int status, Optional<Challenge> challenge, @Nullable Instant retryAt,
      @Nullable EndpointUrl redirectedTo) {

    public Probe(int status, Optional<Challenge> challenge) {
      this(status, challenge, null, null);
    }

    /** The failure for a server that publishes no metadata and asked for no authorization. */
    private Failure absent() {
      if (new ResponseHead(status, Map.of()).isUnavailable()) {
        return with(
            new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE, "The server cannot answer now.", "", false));
      }
      return with(new Failure.Unknown(ErrorCode.RESOURCE_METADATA_NOT_FOUND, status < 400
          ? "The server publishes no protected resource metadata and asks for no authorization."
          : "The server refuses the request with the status in upstream_status, without asking for authorization, and "
              + "publishes no protected resource metadata; check the URL."));
    }

    private Failure with(Failure failure) {
      return failure.withUpstreamStatus(status).withRetryAt(retryAt);
    }
  }

  /** Sends a request without a token to a server. */
  @FunctionalInterface
  public interface Prober {
    Probe probe(EndpointUrl server, Deadline deadline);
  }

  /**
   * The resource metadata of a server. If the metadata is not cached, the server is first asked for a challenge. If it
   * redirects that request to its own path with or without one trailing slash, the result is about the server at that
   * URL: a request with a token never follows a redirect.
   */
  public DiscoveredResource resource(EndpointUrl server, Prober prober, Deadline deadline) {
    return resource(server, prober, false, deadline);
  }

  /**
   * The same.
   *
   * @param evenUnpublished whether something else than metadata, such as the user's own record, may name the issuer.
   *        Then a server that publishes nothing, and asks for no authorization either, is no failure
   */
  public DiscoveredResource resource(EndpointUrl server, Prober prober, boolean evenUnpublished, Deadline deadline) {
    return cache.resource(server).orElseGet(() -> {
      var probe = prober.probe(server, deadline);
      var target = probe.redirectedTo();
      if (target == null) return probed(server, probe, evenUnpublished, deadline);
      return probed(target, prober.probe(target, deadline), evenUnpublished, deadline);
    });
  }

  private DiscoveredResource probed(EndpointUrl server, Probe probe, boolean evenUnpublished, Deadline deadline) {
    return find(server, probe, deadline).orElseGet(() -> {
      var failure = probe.absent();
      // This is not cached: for a user without such a record, the server has no issuer.
      if (evenUnpublished && failure.code() == ErrorCode.RESOURCE_METADATA_NOT_FOUND)
        return DiscoveredResource.unpublished(server);
      throw failure;
    });
  }

  /** The resource metadata of a server that has already responded. */
  public DiscoveredResource resource(EndpointUrl server, Probe probe, Deadline deadline) {
    return find(server, probe, deadline).orElseThrow(probe::absent);
  }

  private Optional<DiscoveredResource> find(EndpointUrl server, Probe probe, Deadline deadline) {
    var challenged = probe.challenge();
    var found = challenged.flatMap(challenge -> challenged(server, challenge, deadline))
        .or(() -> wellKnown(server, deadline)).or(() -> legacy(server, probe))
        .map(resource -> challenged.map(challenge -> resource.challengedFor(challenge.scope())).orElse(resource));
    // A 403 challenge is about the user of the token, and a secret in a challenge is about this invocation. Neither must
    // be cached for other users.
    if (probe.status() != 403 && challenged.filter(Challenge::holdsSecret).isEmpty()) found.ifPresent(cache::keep);
    return found;
  }

  /** The metadata of an issuer. Fails with {@code issuer_metadata_not_found} if there is none. */
  public DiscoveredServer authorizationServer(Issuer issuer, Deadline deadline) {
    return remembered(issuer).orElseGet(() -> {
      var search = search(issuer, deadline);
      return published(issuer, search).orElseThrow(() -> notFound(search));
    });
  }

  /** The metadata in the profile of an issuer. */
  private Optional<DiscoveredServer> ofProfile(Issuer issuer) {
    return profiles.of(issuer).flatMap(AuthorizationServerMetadata::ofProfile)
        .map(metadata -> new DiscoveredServer(metadata, Source.PROFILE, null));
  }

  private static Failure notFound(Documents.Search search) {
    return new Failure.Unknown(ErrorCode.ISSUER_METADATA_NOT_FOUND, search.status() == null
        ? "The URLs of the authorization server's metadata would be longer than " + EndpointUrl.MAX_LENGTH
            + " characters."
        : "The authorization server publishes no metadata.")
        .withUpstreamStatus(search.status());
  }

  /**
   * The metadata of an issuer that a person has written down, with or without one trailing slash. The metadata has the
   * published spelling.
   */
  public DiscoveredServer writtenIssuer(Issuer written, Deadline deadline) {
    return remembered(written).or(() -> remembered(written.otherSpelling())).orElseGet(() -> {
      var search = search(written, deadline);
      var spelled = written.among(profiles.issuers());
      return judged(search,
          document -> AuthorizationServerMetadata.judgeWritten(spelled, publishedAs(spelled), document))
          .orElseThrow(() -> notFound(search));
    });
  }

  /**
   * The metadata of the issuer of a resource. An issuer that the resource does not name was written down by the user or
   * the operator. For a server of the 2025-03-26 specification, the default endpoints
   * replace absent metadata.
   */
  public DiscoveredServer authorizationServer(DiscoveredResource resource, Issuer issuer, Deadline deadline) {
    if (!resource.issuers().contains(issuer)) return writtenIssuer(issuer, deadline);
    if (!resource.isLegacy()) return authorizationServer(issuer, deadline);
    return remembered(issuer).or(() -> fetched(issuer, deadline)).orElseGet(() -> DiscoveredServer.guessed(issuer));
  }

  /** The metadata of a server from this process's cache, without a request. */
  public Optional<DiscoveredResource> remembered(EndpointUrl server) {
    return cache.resource(server);
  }

  /** The metadata of an issuer from its profile or from this process's cache, without a request. */
  public Optional<DiscoveredServer> remembered(Issuer issuer) {
    return ofProfile(issuer).or(() -> cache.server(issuer))
        .or(() -> profiles.hasProfileOf(issuer) ? cache.server(issuer.otherSpelling()) : Optional.empty());
  }

  /**
   * Reads the metadata of an issuer again, because what is remembered may be wrong: at most once a minute in a process.
   * Empty if that is not now, or if there is none.
   */
  public Optional<DiscoveredServer> reread(Issuer issuer, Deadline deadline) {
    return cache.mayReread(issuer) ? fetched(issuer, deadline) : Optional.empty();
  }

  /**
   * Fetches the metadata of an issuer without using the cache; empty if there is none. Nothing is fetched for an issuer
   * whose profile has the metadata.
   */
  public Optional<DiscoveredServer> fetched(Issuer issuer, Deadline deadline) {
    return ofProfile(issuer).or(() -> published(issuer, search(issuer, deadline)));
  }

  /**
   * Removes a server's metadata from the cache. The caller uses this if the server refused a stored token with 401,
   * because something has changed there.
   */
  public void forget(EndpointUrl server) {
    cache.forget(server);
  }

  /**
   * Removes a server's metadata from the cache, and leaves that of its issuers, because the caller misses an issuer in
   * it.
   *
   * @return whether it is worth while to read it again: it was there, and has not been removed so in the last minute
   */
  public boolean forgetAlone(EndpointUrl server) {
    return cache.forgetAlone(server);
  }

  private Documents.Search search(Issuer issuer, Deadline deadline) {
    return documents.firstOf(WellKnown.authorizationServer(issuer), "issuer", deadline);
  }

  /** A person has written down every issuer that has a profile of its own, so that either spelling may be published. */
  private Optional<DiscoveredServer> published(Issuer issuer, Documents.Search search) {
    var other = publishedAs(issuer);
    return judged(search, document -> profiles.hasProfileOf(issuer)
        ? AuthorizationServerMetadata.judgeWritten(issuer, other, document)
        : AuthorizationServerMetadata.judge(issuer, other, document));
  }

  /** The other issuer that the metadata of this one may name; null for none. */
  private @Nullable Issuer publishedAs(Issuer issuer) {
    return profiles.of(issuer).map(Profile::publishedIssuer).orElse(null);
  }

  private Optional<DiscoveredServer> judged(Documents.Search search,
      Function<ObjectNode, AuthorizationServerMetadata> judgement) {
    var found = Optional.ofNullable(search.found())
        .map(document -> DiscoveredServer.published(document.judged(judgement), document.url()));
    found.ifPresent(cache::keep);
    return found;
  }

  private Optional<DiscoveredResource> challenged(EndpointUrl server, Challenge challenge, Deadline deadline) {
    return named(server, challenge).map(url -> {
      var metadata = documents.named(url, deadline).judged(found -> ProtectedResourceMetadata.judge(server, found));
      return new DiscoveredResource(server, metadata, Found.CHALLENGE, url, challenge.scope());
    });
  }

  /**
   * The metadata URL in a challenge.
   *
   * <p>Rule: one {@code resource_metadata} (RFC 9728 §5.1). Deviation: of several different URLs, the last on the
   * server's own origin is used; the server's own URL counts as absent. Forced by: servers that send a broken URL
   * before the right one, or their own URL. Still strict: of several URLs, one on another origin is never used.
   */
  private static Optional<EndpointUrl> named(EndpointUrl server, Challenge challenge) {
    var named = challenge.resourceMetadata().stream().filter(url -> !namesTheServer(server, url)).toList();
    if (named.isEmpty()) return Optional.empty();
    var urls = named.stream().map(url -> EndpointUrl.ofDocument("resource_metadata", url)).toList();
    if (urls.size() == 1) return Optional.of(urls.getFirst());
    return Optional.of(urls.reversed().stream().filter(url -> url.origin().equals(server.origin())).findFirst()
        .orElseThrow(() -> new Failure.ProtocolBroken(ErrorCode.INVALID_METADATA,
            "The server's challenge names several metadata documents.", String.join(" ", named))));
  }

  /** Whether the URL is that of the server itself, with or without its query and one trailing slash. */
  private static boolean namesTheServer(EndpointUrl server, String url) {
    try {
      var named = new EndpointUrl(url);
      return named.isSame(server) || named.isSame(server.withoutQuery());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private Optional<DiscoveredResource> wellKnown(EndpointUrl server, Deadline deadline) {
    return Optional.ofNullable(documents.firstOf(WellKnown.protectedResource(server), "resource", deadline).found())
        .map(document -> new DiscoveredResource(server,
            document.judged(found -> ProtectedResourceMetadata.judge(server, found)), Found.WELL_KNOWN, document.url(),
            Scopes.none()));
  }

  private static Optional<DiscoveredResource> legacy(EndpointUrl server, Probe probe) {
    return probe.status() == 401 || probe.status() == 403
        ? Optional.of(DiscoveredResource.unpublished(server))
        : Optional.empty();
  }
}
