package social.avatarai.mcp.token;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.registration.ClientCredentials;

/**
 * Pushes authorization requests (RFC 9126 §2): the parameters go to the authorization server directly, and the browser
 * only carries a reference to them. A refusal is judged as one of the token endpoint is.
 */
public final class PushedRequestEndpoint {
  /** In characters. A reference is a part of the URL that the browser is sent to. */
  private static final int MAX_REQUEST_URI = 512;
  /** A reference with a shorter life is over before a browser can bring it. */
  private static final Duration MIN_REFERENCE_LIFE = Duration.ofSeconds(5);

  private final Outbound outbound;
  private final Clock clock;

  public PushedRequestEndpoint(Outbound outbound, Clock clock) {
    this.outbound = outbound;
    this.clock = clock;
  }

  /** What the authorization server said to a pushed request. */
  public sealed interface Pushed {
    /** The reference to the request, {@code request_uri}. */
    record Kept(String requestUri) implements Pushed {}

    /** The request, or the client, is refused. */
    record Refused(TokenResponse.Refused refusal) implements Pushed {}
  }

  /**
   * Pushes a request.
   *
   * @throws Failure.Unreachable when the server cannot take the request now
   */
  public Pushed push(EndpointUrl endpoint, Map<String, String> parameters, ClientCredentials credentials,
      Deadline deadline) {
    var response = outbound.exchange(TokenRequest.forPush(endpoint, parameters, credentials), deadline);
    if (response.isTooDeep()) throw broken("is nested deeper than " + Json.MAX_DEPTH + " levels", response);
    var body = response.salvaged().object().orElseGet(Json::newObject);
    if (response.head().isSuccess() && body.has("request_uri")) return new Pushed.Kept(reference(body, response));
    return switch (TokenResponses.judge(response, new TokenResponses.Requested(Scopes.none(), " ", clock.instant()))) {
      case TokenResponse.Refused refused -> new Pushed.Refused(refused);
      case TokenResponse.TryAgain(var after, var status) -> throw unreachable(status)
          .withRetryAt(after.isZero() ? null : clock.instant().plus(after));
      case TokenResponse.Unknown _ when response.status() >= 500 -> throw unreachable(response.status());
      case TokenResponse.Unknown _,TokenResponse.Granted _,TokenResponse.Misdirected _ ->
        throw broken("has no request_uri", response);
    };
  }

  private static String reference(ObjectNode body, HttpResponse response) {
    String uri = Json.text(body, "request_uri").orElse("");
    boolean usable = !uri.isEmpty() && uri.length() <= MAX_REQUEST_URI
        && uri.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    if (!usable) {
      throw broken("has a request_uri that is not text of at most " + MAX_REQUEST_URI + " characters", response);
    }
    // RFC 9126 §2.2: expires_in is a number of seconds.
    JsonNode life = body.path("expires_in");
    if (!life.canConvertToLong() || life.asLong() < MIN_REFERENCE_LIFE.toSeconds()) {
      throw broken("has an expires_in of less than " + MIN_REFERENCE_LIFE.toSeconds() + " seconds", response);
    }
    return uri;
  }

  private static Failure unreachable(@Nullable Integer status) {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE,
        "The authorization server cannot take the authorization request now.", "", false).withUpstreamStatus(status);
  }

  private static Failure broken(String how, HttpResponse response) {
    return new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER,
        "The authorization server's response to the pushed request " + how + ".", "status " + response.status())
        .withUpstreamStatus(response.status());
  }
}
