package social.avatarai.mcp.discovery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Answer;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.Outgoing;

/** Fetches metadata documents, and tells absence from failure. */
final class Documents {
  private final Outbound outbound;

  Documents(Outbound outbound) {
    this.outbound = outbound;
  }

  /** A document and where it was found. */
  record Found(EndpointUrl url, ObjectNode document) {}

  /** The document at a URL that the server named: nothing but the document will do. */
  ObjectNode named(EndpointUrl url, Deadline deadline) {
    var answer = outbound.exchange(Outgoing.document(url), deadline);
    if (isUnavailable(answer)) throw unreachable(answer);
    return Optional.of(answer).filter(a -> a.head().isSuccess()).flatMap(Answer::object)
        .orElseThrow(() -> new Failure.ProtocolBroken(ErrorCode.INVALID_METADATA,
            "The metadata that the server names is not there.", "status " + answer.status()));
  }

  /**
   * The first document at URLs that we guessed. A 4xx, or anything but a JSON object, is absence. No answer, and one
   * that cannot be read, let the next one be tried, but then nobody may conclude that there is none: the search fails.
   */
  Optional<Found> firstOf(List<EndpointUrl> candidates, Deadline deadline) {
    @Nullable
    Failure inconclusive = null;
    for (var url : candidates) {
      try {
        var answer = outbound.exchange(Outgoing.document(url), deadline);
        if (isUnavailable(answer)) {
          inconclusive = unreachable(answer);
        } else if (answer.head().isSuccess()) {
          var document = answer.object();
          if (document.isPresent()) return Optional.of(new Found(url, document.get()));
        }
      } catch (Failure.Unreachable | Failure.ProtocolBroken e) {
        // No answer, or one that the door would not read, such as a page over its cap.
        inconclusive = e;
      }
    }
    if (inconclusive != null) throw inconclusive;
    return Optional.empty();
  }

  private static boolean isUnavailable(Answer answer) {
    int status = answer.status();
    return status >= 500 || status == 408 || status == 425 || status == 429;
  }

  private static Failure.Unreachable unreachable(Answer answer) {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE, "The server cannot answer for its metadata now.",
        "status " + answer.status(), true);
  }
}
