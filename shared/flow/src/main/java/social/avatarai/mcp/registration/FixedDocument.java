package social.avatarai.mcp.registration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;

/**
 * The one Client ID Metadata Document that the operator publishes for all issuers. An issuer accepts only the redirect
 * URIs that the document lists; for any other URI the user would end on an error page. So the document is read here
 * first.
 *
 * <p>The result is kept in memory for {@link #REMEMBERED}. A redirect URI that it does not list may have been added
 * since, so then the document is read again, at most every {@link #BETWEEN_READS}. A document that cannot be read now (no connection, no such
 * name, no response in time, 5xx) is used as it was read before, and unchecked if it never was: the issuer may be able
 * to read it.
 */
final class FixedDocument {
  static final Duration MAX_READ = Duration.ofSeconds(2);
  static final Duration REMEMBERED = Duration.ofMinutes(10);
  static final Duration BETWEEN_READS = Duration.ofMinutes(1);

  private final EndpointUrl url;
  private final Outbound outbound;
  private final Clock clock;
  private final AtomicReference<@Nullable Reading> last = new AtomicReference<>();

  /** The redirect URIs that the document lists; null if it could not be read. */
  private record Reading(@Nullable Set<String> redirectUris, Instant until) {
    boolean lists(RedirectUri uri) {
      return redirectUris == null || redirectUris.contains(uri.value());
    }
  }

  FixedDocument(EndpointUrl url, Outbound outbound, Clock clock) {
    this.url = url;
    this.outbound = outbound;
    this.clock = clock;
  }

  /** Whether this document can be used with a redirect URI. */
  boolean isUsableFor(RedirectUri redirectUri, Deadline deadline) {
    var reading = reading(deadline);
    if (reading.lists(redirectUri)) return true;
    boolean mayBeOutdated = !clock.instant().isBefore(reading.until().minus(REMEMBERED).plus(BETWEEN_READS));
    return mayBeOutdated && read(deadline).lists(redirectUri);
  }

  private Reading reading(Deadline deadline) {
    var known = last.get();
    return known != null && clock.instant().isBefore(known.until()) ? known : read(deadline);
  }

  /** Reads the document. If it cannot be read now, what it listed before counts on. */
  private Reading read(Deadline deadline) {
    var before = last.get();
    var known = before == null ? null : before.redirectUris();
    // A call with less time than this could take a slow document for one that cannot be read.
    boolean isWhole = deadline.hasAtLeast(MAX_READ);
    var fresh = new Reading(readRedirectUris(deadline).orElse(known), clock.instant().plus(REMEMBERED));
    if (isWhole) last.set(fresh);
    return fresh;
  }

  /** The redirect URIs that the document lists: none if there is no such document; empty if it cannot be read now. */
  private Optional<Set<String>> readRedirectUris(Deadline deadline) {
    // RFC 6762 §3: such a name has no address outside one link. The outbound door refuses the name itself.
    if (url.host().endsWith(".local")) return Optional.empty();
    try {
      var request = OutboundRequest.document(url).unredirected().within(OutboundRequest.MAX_DOCUMENT_BYTES, MAX_READ);
      return redirectUris(outbound.exchange(request, deadline));
    } catch (Failure.Unreachable e) {
      return e.isAtForbiddenAddress() ? Optional.of(Set.of()) : Optional.empty();
    } catch (Failure.BadRequest | Failure.ProtocolBroken e) {
      // The outbound door refuses the address, or the bytes are not a document: no issuer would accept it. Any other
      // failure, such as that of a user with too many slow calls, says nothing about the document.
      return Optional.of(Set.of());
    }
  }

  private Optional<Set<String>> redirectUris(HttpResponse response) {
    if (isUnavailable(response.status())) return Optional.empty();
    return Optional.of(response.head().isSuccess()
        ? response.object().filter(this::isOurs).map(FixedDocument::redirectUris).orElse(Set.of())
        : Set.of());
  }

  // Client ID Metadata Document draft: the document's client_id must be its URL, compared as a string.
  private boolean isOurs(ObjectNode document) {
    return document.path("client_id").asText().equals(url.value());
  }

  private static Set<String> redirectUris(ObjectNode document) {
    var uris = new HashSet<String>();
    for (JsonNode uri : document.path("redirect_uris"))
      uris.add(uri.asText());
    return uris;
  }

  /** Statuses that describe a temporary condition and not the document. */
  private static boolean isUnavailable(int status) {
    return status >= 500 || status == 408 || status == 425 || status == 429;
  }
}
