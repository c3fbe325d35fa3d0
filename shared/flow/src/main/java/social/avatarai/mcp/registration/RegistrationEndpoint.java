package social.avatarai.mcp.registration;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;

/** Sends registrations (RFC 7591 §3.1), and deletes them (RFC 7592 §2.3). */
public final class RegistrationEndpoint {
  /** With less time than this, a refused registration is not repeated. */
  private static final Duration MIN_TO_REPEAT = Duration.ofSeconds(2);

  private final Outbound outbound;
  private final UnusableResponses unusable;
  private final Clock clock;
  private final Journal journal;

  public RegistrationEndpoint(Outbound outbound, Clock clock, Journal journal) {
    this.outbound = outbound;
    this.unusable = new UnusableResponses(clock);
    this.clock = clock;
    this.journal = journal;
  }

  /** Registers a client of ours: with fewer members once more, if the server may have refused some of them. */
  RegistrationResponse register(AuthorizationServerMetadata server, ObjectNode body,
      RegistrationResponse.Requested requested, Deadline deadline) {
    var url = Objects.requireNonNull(server.registrationEndpoint());
    unusable.requireNone(url);
    var response = send(url, body, deadline);
    var fewer = RegistrationRequest.afterRefusal(body, response, server)
        .filter(_ -> deadline.hasAtLeast(MIN_TO_REPEAT));
    var last = fewer.isEmpty() ? response : send(url, fewer.get(), deadline);
    try {
      return RegistrationResponse.judge(last, requested);
    } catch (Failure.ProtocolBroken broken) {
      throw unusable.note(url, broken);
    }
  }

  /** Deletes a registration (RFC 7592 §2.3); true if the server confirms it. */
  boolean end(RegistrationManagement management, Deadline deadline) {
    var request = OutboundRequest.delete(management.url()).with("Authorization",
        "Bearer " + management.token().reveal());
    // The status says it all. A body that is too long or damaged changes nothing about it.
    return outbound.exchange(request, deadline, (head, _) -> head.isSuccess());
  }

  /** Sends a registration; {@code upstream_unreachable} if the server cannot register a client now. */
  HttpResponse send(EndpointUrl url, ObjectNode body, Deadline deadline) {
    var response = outbound.exchange(OutboundRequest.json(url, body).closingConnection(), deadline);
    String faults = response.salvaged().faultsInWords();
    if (!faults.isEmpty()) {
      journal.write("response_salvaged", Map.of("server", url.origin(), "faults", faults));
    }
    if (!response.head().isUnavailable()) return response;
    throw new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE,
        "The authorization server cannot register a client now.", "status " + response.status(), true)
        .withUpstreamStatus(response.status()).withRetryAt(response.head().retryAt(clock.instant()).orElse(null));
  }
}
