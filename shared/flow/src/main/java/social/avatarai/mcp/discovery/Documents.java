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
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;

/** Fetches metadata documents, and tells absence from failure. */
final class Documents {
  private static final int NOT_FOUND = 404;

  private final Outbound outbound;
  private final Clock clock;

  Documents(Outbound outbound, Clock clock) {
    this.outbound = outbound;
    this.clock = clock;
  }

  /**
   * A document.
   *
   * @param url where it was found
   * @param document the document, attacker-controlled
   * @param status the HTTP status it came with
   */
  record Found(EndpointUrl url, ObjectNode document, int status) {

    /** Judges the document. What breaks a rule also says with which status the document came. */
    <T> T judged(Function<ObjectNode, T> judgement) {
      try {
        return judgement.apply(document);
      } catch (Failure.ProtocolBroken broken) {
        throw broken.withUpstreamStatus(status);
      }
    }
  }

  /**
   * What a search came to.
   *
   * @param found the document; null when there is none
   * @param status the HTTP status that says most about its absence; null when no URL was asked
   */
  record Search(@Nullable Found found, @Nullable Integer status) {}

  /** The document at a URL that the server named: nothing but the document will do. */
  Found named(EndpointUrl url, Deadline deadline) {
    var answer = outbound.exchange(OutboundRequest.document(url), deadline);
    if (answer.head().isUnavailable()) throw unreachable(answer);
    return found(url, answer).orElseThrow(() -> new Failure.ProtocolBroken(ErrorCode.INVALID_METADATA,
        "The metadata that the server names is not there.", "status " + answer.status())
        .withUpstreamStatus(answer.status()));
  }

  /**
   * The first document at URLs that we guessed. A 4xx, or anything but a JSON object, is absence. No answer, and one
   * that cannot be read, let the next one be tried, but then nobody may conclude that there is none: the search fails.
   */
  Search firstOf(List<EndpointUrl> candidates, Deadline deadline) {
    @Nullable
    Failure inconclusive = null;
    @Nullable
    Integer status = null;
    for (var url : candidates) {
      try {
        var answer = outbound.exchange(OutboundRequest.document(url), deadline);
        var found = found(url, answer);
        if (found.isPresent()) return new Search(found.get(), answer.status());
        if (answer.head().isUnavailable()) inconclusive = unreachable(answer);
        status = telling(status, answer.status());
      } catch (Failure.Unreachable | Failure.ProtocolBroken e) {
        // No answer, or one that the door would not read, such as a page over its cap.
        inconclusive = e;
      }
    }
    if (inconclusive != null) throw inconclusive;
    return new Search(null, status);
  }

  private static Optional<Found> found(EndpointUrl url, HttpResponse answer) {
    if (!answer.head().isSuccess()) return Optional.empty();
    return answer.object().map(document -> new Found(url, document, answer.status()));
  }

  /** Of several statuses the first that is no 404: plain absence says least. */
  private static int telling(@Nullable Integer before, int status) {
    return before == null || before == NOT_FOUND ? status : before;
  }

  private Failure unreachable(HttpResponse answer) {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE, "The server cannot answer for its metadata now.",
        "status " + answer.status(), true).withUpstreamStatus(answer.status())
        .withRetryAt(answer.head().retryAt(clock.instant()).orElse(null));
  }
}
