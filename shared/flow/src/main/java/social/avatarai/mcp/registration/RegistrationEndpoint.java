package social.avatarai.mcp.registration;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;

/** Sends registrations (RFC 7591 §3.1), and ends them. */
public final class RegistrationEndpoint {
  private final Outbound outbound;
  private final Clock clock;

  public RegistrationEndpoint(Outbound outbound, Clock clock) {
    this.outbound = outbound;
    this.clock = clock;
  }

  /** Registers us; where the scope is refused, once more without it. */
  RegistrationResponse register(EndpointUrl url, ClientMetadata metadata, RegistrationResponse.Asked asked,
      Deadline deadline) {
    var answer = send(url, metadata.registration(asked.redirectUri(), asked.method(), asked.scope()), deadline);
    if (asked.scope().isEmpty() || !RegistrationResponse.mayRefuseScope(answer)) {
      return RegistrationResponse.judge(answer, asked);
    }
    var without = metadata.registration(asked.redirectUri(), asked.method(), Scopes.none());
    return RegistrationResponse.judge(send(url, without, deadline),
        new RegistrationResponse.Asked(asked.redirectUri(), asked.method(), Scopes.none()));
  }

  /** Ends a registration (RFC 7592 §2.3); whether the server says so. */
  boolean end(RegistrationManagement management, Deadline deadline) {
    var request = OutboundRequest.delete(management.url()).with("Authorization",
        "Bearer " + management.token().reveal());
    return outbound.exchange(request, deadline).head().isSuccess();
  }

  /** Sends a registration; {@code upstream_unreachable} where the server cannot register anybody now. */
  HttpResponse send(EndpointUrl url, ObjectNode body, Deadline deadline) {
    var answer = outbound.exchange(OutboundRequest.json(url, body), deadline);
    if (!answer.head().isUnavailable()) return answer;
    throw new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE,
        "The authorization server cannot register a client now.", "status " + answer.status(), true)
        .withUpstreamStatus(answer.status()).withRetryAt(answer.head().retryAt(clock.instant()).orElse(null));
  }
}
