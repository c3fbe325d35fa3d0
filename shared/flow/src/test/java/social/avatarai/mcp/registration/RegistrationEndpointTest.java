package social.avatarai.mcp.registration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.FailureAssert.assertFails;

import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.MovableClock;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.ScriptedOutbound;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.registration.RegistrationResponse.Requested;

class RegistrationEndpointTest {
  private static final String URL = "https://auth.example/register";
  private static final Journal JOURNAL = new Journal(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8),
      new MovableClock());
  private static final HttpResponse GIVEN = HttpResponses.json(201, "{'client_id':'c-1'}");

  private final ScriptedOutbound world = new ScriptedOutbound();

  @Test
  void registersOnlyOnceWhereTheScopeIsRefused() {
    world.responding(URL, HttpResponses.json(400, "{'error':'invalid_scope'}"));

    assertFails(Failure.Refused.class, ErrorCode.REGISTRATION_REFUSED, () -> register("read"));
    assertThat(sentScopes()).containsExactly("read");
  }

  @Test
  void neverGivesUpTheScopeOfARegistrationThatIsRefusedTwice() {
    world.responding(URL, HttpResponses.json(400, "{'error':'invalid_client_metadata'}"));

    assertFails(Failure.Refused.class, ErrorCode.REGISTRATION_REFUSED, () -> register("read"));
    assertThat(sentScopes()).containsExactly("read", "read");
  }

  @Test
  void registersOnlyOnceWhereSomethingElseIsRefused() {
    world.responding(URL, HttpResponses.json(403, "{'error':'access_denied'}"));

    assertFails(Failure.Refused.class, ErrorCode.REGISTRATION_REFUSED, () -> register("read"));
    assertThat(sentScopes()).containsExactly("read");
  }

  @Test
  void followsNoRedirect() {
    world.responding(URL, GIVEN);

    register("read");

    assertThat(world.requests().getFirst().followsRedirects()).isFalse();
  }

  private RegistrationResponse register(String scope) {
    var requested = new Requested(Examples.REDIRECT_URI, ClientAuthenticationMethod.NONE, Scopes.parse(scope));
    var body = new ClientMetadata("Name", null).registration(requested.redirectUri(), requested.method(),
        requested.scope());
    return new RegistrationEndpoint(world, new MovableClock(), JOURNAL).register(server(), body, requested,
        Deadline.in(Duration.ofMinutes(1)));
  }

  private static AuthorizationServerMetadata server() {
    var endpoint = new EndpointUrl(URL);
    return new AuthorizationServerMetadata(Examples.ISSUER, endpoint, endpoint, endpoint, null, List.of(),
        Scopes.none(), false, false, HttpResponses.object("{}"));
  }

  private List<String> sentScopes() {
    return world.requests().stream().map(request -> Json.object(request.body()).orElseThrow())
        .map(body -> Json.text(body, "scope").orElse("")).toList();
  }
}
