package social.avatarai.mcp.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.http.UserCall;

/**
 * A function behind API Gateway. A handler says what its route takes and how it replies. This class does what all
 * handlers share: the caller is verified before the handler runs, a failure becomes an error response, and each request
 * writes one log line.
 *
 * <p>A handler takes and returns AWS's classes. It also takes the JSON itself, and Lambda's runtime prefers that: then the
 * JSON is read and written by us (decision 0005).
 */
public abstract class ApiHandler
    implements
      RequestHandler<APIGatewayV2HTTPEvent, APIGatewayV2HTTPResponse>,
      RequestStreamHandler {
  /** Time kept for sending the response when the deadline has passed. */
  private static final Duration RESPONSE_RESERVE = Duration.ofSeconds(3);
  private static final Duration MAX_DURATION = Duration.ofSeconds(25);
  /** Lambda's limit for a response is 6 MB, which includes the event around the body. */
  private static final int MAX_RESPONSE_BYTES = 6_000_000;
  /** A shorter body is short enough whatever it holds: JSON writes a character in six bytes at most. */
  private static final int SHORT_IN_ANY_CASE = MAX_RESPONSE_BYTES / 7;

  private final Settings settings;
  private final Journal journal;
  private final Clock clock;

  protected ApiHandler(Wiring wiring) {
    this.settings = wiring.settings();
    this.journal = wiring.journal();
    this.clock = wiring.clock();
  }

  /** Replies to a request. Its caller has been verified, except on a public route. */
  protected abstract Reply handle(Request request);

  /** What the route takes. A handler whose route takes parameters in a body overrides this. */
  protected Request.RouteLimits limits() {
    return new Request.RouteLimits(Request.MAX_BODY_BYTES, Set.of());
  }

  /** The same for one of the function's methods. A handler whose methods differ overrides this. */
  protected Request.RouteLimits limits(String method) {
    return limits();
  }

  /** Whether the route is open to everyone. The few public handlers override this. */
  protected boolean isPublic() {
    return false;
  }

  /** Replies to a failure. A handler that sends pages to browsers overrides this. */
  protected Reply failed(Request request, Failure failure) {
    return Reply.error(failure);
  }

  @Override
  public final void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
    ApiEventJson.write(handleRequest(ApiEventJson.read(input), context), output);
  }

  @Override
  public final APIGatewayV2HTTPResponse handleRequest(APIGatewayV2HTTPEvent event, Context context) {
    var place = event.getRequestContext();
    return respond(event,
        place == null || place.getRequestId() == null ? context.getAwsRequestId() : place.getRequestId(),
        deadline(context));
  }

  /** A call without a context: a {@link Rehearsal}. */
  final void rehearse(InputStream input, OutputStream output) throws IOException {
    ApiEventJson.write(respond(ApiEventJson.read(input), "none", Deadline.in(MAX_DURATION)), output);
  }

  private APIGatewayV2HTTPResponse respond(APIGatewayV2HTTPEvent event, String requestId, Deadline deadline) {
    try {
      return Journal.withRequestId(requestId, () -> deadline.invoke(() -> respond(event, deadline)));
    } catch (Exception e) {
      throw new IllegalStateException("responding does not throw", e);
    }
  }

  private static Deadline deadline(Context context) {
    var left = Duration.ofMillis(context.getRemainingTimeInMillis()).minus(RESPONSE_RESERVE);
    return Deadline.in(left.compareTo(MAX_DURATION) < 0 ? left : MAX_DURATION);
  }

  private APIGatewayV2HTTPResponse respond(APIGatewayV2HTTPEvent event, Deadline deadline) {
    long began = System.nanoTime();
    var line = new LinkedHashMap<String, Object>();
    line.put("route", Objects.requireNonNullElse(event.getRouteKey(), ""));
    var reply = reply(event, deadline, line);
    line.put("duration_ms", (System.nanoTime() - began) / 1_000_000);
    journal.write("request", line);
    return reply;
  }

  private APIGatewayV2HTTPResponse reply(APIGatewayV2HTTPEvent event, Deadline deadline, Map<String, Object> line) {
    var request = new Request(event, settings, deadline, limits(Request.method(event)));
    try {
      return render(handled(request), request, line);
    } catch (Failure failure) {
      return render(failed(request, note(failure, line)), request, line);
    } catch (RuntimeException e) {
      return render(failed(request, note(Failure.Internal.of(e), line)), request, line);
    }
  }

  /** Binds the caller's user to the call, so that the outbound door knows for whom it waits. */
  private Reply handled(Request request) {
    if (isPublic()) return handle(request);
    return UserCall.run(request.caller(), request.deadline(), () -> handle(request));
  }

  private APIGatewayV2HTTPResponse render(Reply reply, Request request, Map<String, Object> line) {
    var response = reply.response(request, clock.instant());
    if (response.getBody().length() > SHORT_IN_ANY_CASE && bytes(response) > MAX_RESPONSE_BYTES) {
      reply = failed(request, tooLarge());
      response = reply.response(request, clock.instant());
    }
    line.put("status", reply.status());
    return response;
  }

  private static Failure tooLarge() {
    return new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER,
        "The server's answer is too large to be passed on: our response would be over " + MAX_RESPONSE_BYTES
            + " bytes.",
        "");
  }

  private static int bytes(APIGatewayV2HTTPResponse response) {
    var json = new ByteArrayOutputStream();
    try {
      ApiEventJson.write(response, json);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // Memory does not fail in this way.
    }
    return json.size();
  }

  private static Failure note(Failure failure, Map<String, Object> line) {
    line.put("error", failure.code().wireName());
    if (!failure.detail().isEmpty()) line.put("detail", failure.detail());
    return failure;
  }
}
