package social.avatarai.mcp.world;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AuthorizationCode;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.CompletionCode;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.authorization.AuthorizationResponse;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.authorization.CallbackOutcome.Parked;
import social.avatarai.mcp.testkit.Received;

/**
 * The requests and responses that browsers carry between us and an authorization server, as sent or changed by an
 * attacker.
 */
public final class Browsers {
  private static final Pattern ISSUERS_CALLBACK = Pattern.compile("/api/mcp/oauth/issuer/([^/]+)/callback");

  private Browsers() {}

  /** The query of an authorization URL. */
  public static Received sent(AuthorizationStarted begun) {
    var url = URI.create(begun.authorizationUrl());
    return new Received("GET", url.getPath(), url.getRawQuery(), Map.of(), "");
  }

  public static AuthorizationResponse answer(URI redirect) {
    var sent = new Received("GET", redirect.getPath(), redirect.getRawQuery(), Map.of(), "").parameters();
    return new AuthorizationResponse(Optional.ofNullable(sent.get("code")).map(AuthorizationCode::new).orElse(null),
        sent.get("error"), sent.get("iss"), door(redirect));
  }

  /** Whether the template has a route for this path, and it is a callback. */
  public static boolean isRoute(URI url) {
    return url.getPath().equals("/api/mcp/oauth/callback") || ISSUERS_CALLBACK.matcher(url.getPath()).matches();
  }

  /** The issuer whose callback a browser is sent to, as the template's routes say; null for the plain callback. */
  public static @Nullable IssuerContext door(URI redirect) {
    if (redirect.getPath().equals("/api/mcp/oauth/callback")) return null;
    var own = ISSUERS_CALLBACK.matcher(redirect.getPath());
    if (own.matches()) return new IssuerContext(own.group(1));
    throw new AssertionError("no route leads to " + redirect.getPath());
  }

  public static AuthorizationResponse withIss(AuthorizationResponse answer, @Nullable String iss) {
    return new AuthorizationResponse(answer.code(), answer.error(), iss, answer.context());
  }

  public static AuthorizationResponse through(@Nullable IssuerContext context, AuthorizationResponse answer) {
    return new AuthorizationResponse(answer.code(), answer.error(), answer.iss(), context);
  }

  /** Makes the same call twenty times, with all calls released at once. */
  public static <T> List<T> atOnce(Callable<T> call) throws Exception {
    var start = new CountDownLatch(1);
    try (var threads = Executors.newFixedThreadPool(20)) {
      var running = new ArrayList<Future<T>>();
      for (int i = 0; i < 20; i++) {
        running.add(threads.submit(() -> {
          start.await();
          return call.call();
        }));
      }
      start.countDown();
      var results = new ArrayList<T>();
      for (var result : running)
        results.add(result.get());
      return results;
    }
  }

  /** The user consents in a browser that did not begin the flow. */
  public static Parked park(FlowWorld world, AuthorizationStarted begun) {
    return (Parked) world.elsewhere(begun, world.approve(begun));
  }

  /** The app's page sends a completion code back, with the user who is signed in there. */
  public static CallbackOutcome complete(FlowWorld world, Caller caller, CompletionCode code) {
    return world.flow().complete(caller, code, FlowWorld.deadline());
  }

  /** An authorization response that a stranger who knows the state makes up. */
  public static AuthorizationResponse bogus() {
    return new AuthorizationResponse(new AuthorizationCode("made-up"), null, null, null);
  }
}
