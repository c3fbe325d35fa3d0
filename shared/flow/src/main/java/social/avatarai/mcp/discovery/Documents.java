package social.avatarai.mcp.discovery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;

/** Fetches metadata documents, and distinguishes absence from failure. */
final class Documents {
  private static final int NOT_FOUND = 404;

  private final Outbound outbound;
  private final Clock clock;

  Documents(Outbound outbound, Clock clock) {
    this.outbound = outbound;
    this.clock = clock;
  }

  /**
   * A document that was found.
   *
   * @param url where it was found
   * @param document the document as it was sent, attacker-controlled. Decisions are made on it, so no secret is taken
   *         out: a user who chose the secret would choose the decision
   * @param status the HTTP status of the response
   */
  record Found(EndpointUrl url, ObjectNode document, int status) {

    /** Checks and reads the document. A failure also has the HTTP status of the response. */
    <T> T judged(Function<ObjectNode, T> judgement) {
      try {
        return judgement.apply(document);
      } catch (Failure.ProtocolBroken broken) {
        throw broken.withUpstreamStatus(status);
      }
    }
  }

  /**
   * The result of a search.
   *
   * @param found the document; null if there is none
   * @param status the HTTP status that explains the absence best; null if no URL was requested
   */
  record Search(@Nullable Found found, @Nullable Integer status) {}

  /** The document at a URL that the server named. Anything else than the document is a failure. */
  Found named(EndpointUrl url, Deadline deadline) {
    var response = outbound.exchange(OutboundRequest.document(url), deadline);
    if (response.head().isUnavailable()) throw unreachable(response);
    return found(url, response).orElseThrow(() -> new Failure.ProtocolBroken(ErrorCode.INVALID_METADATA,
        "The metadata that the server names is not there.", "status " + response.status())
        .withUpstreamStatus(response.status()));
  }

  /**
   * The first document at URLs that we guessed. A 4xx, anything but a JSON object, or an object that does not claim to be
   * such a document is absence. After a missing or unreadable response the next URL is tried. If that finds no document
   * either, the search fails, because absence is not proven.
   *
   * @param claim the member by which a document says what it is the metadata of. Servers without metadata answer every
   *        path, some of them with a JSON object of their own
   */
  Search firstOf(List<EndpointUrl> candidates, String claim, Deadline deadline) {
    @Nullable
    Failure inconclusive = null;
    @Nullable
    Integer status = null;
    for (var url : candidates) {
      try {
        var response = outbound.exchange(OutboundRequest.document(url), deadline);
        var found = found(url, response).filter(document -> claims(document.document(), claim));
        if (found.isPresent()) return new Search(found.get(), response.status());
        if (response.head().isUnavailable()) inconclusive = unreachable(response);
        status = telling(status, response.status());
      } catch (Failure.Unreachable | Failure.ProtocolBroken e) {
        // There was no response, or it is over a limit, such as a page of too many bytes.
        inconclusive = e;
      }
    }
    if (inconclusive != null) throw inconclusive;
    return new Search(null, status);
  }

  /** An empty text claims nothing. A value of another type is a claim that is not understood, and no absence. */
  private static boolean claims(ObjectNode document, String member) {
    var claim = document.path(member);
    return document.hasNonNull(member) && !(claim.isTextual() && claim.textValue().isBlank());
  }

  private static Optional<Found> found(EndpointUrl url, HttpResponse response) {
    if (!response.head().isSuccess()) return Optional.empty();
    var document = response.object();
    if (document.isEmpty() && response.isTooDeep()) {
      throw new Failure.ProtocolBroken(ErrorCode.INVALID_METADATA,
          "The server's metadata is nested deeper than " + Json.MAX_DEPTH + " levels.", "")
          .withUpstreamStatus(response.status());
    }
    return document.map(found -> new Found(url, found, response.status()));
  }

  /** Of several statuses, the first that is not 404, because a 404 explains least. */
  private static int telling(@Nullable Integer before, int status) {
    return before == null || before == NOT_FOUND ? status : before;
  }

  private Failure unreachable(HttpResponse response) {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE, "The server cannot answer for its metadata now.",
        "status " + response.status(), true).withUpstreamStatus(response.status())
        .withRetryAt(response.head().retryAt(clock.instant()).orElse(null));
  }
}
