package social.avatarai.mcp.authorization;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.Browsers.sent;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;

import java.net.URI;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.Browsers;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.OperatorsClient;

/**
 * A hostile issuer redirects its victim's browser to an honest provider. That provider accepts every subdirectory of a
 * registered redirect URI, ignores its query, and sends no {@code iss}.
 *
 * <p>The request names our client there, the victim's state, and the challenge of a flow that the attacker has begun.
 * If the code reached the hostile issuer's token endpoint, the attacker would get access to the victim's account.
 */
class RedirectUriAttackFlowTest {

  /** How our client was registered at the honest provider. This decides which redirect URI the client has there. */
  enum OurClient {
    BY_OPERATOR, BY_THE_GUIDES_CALL, DYNAMICALLY
  }

  static Stream<Arguments> worlds() {
    return Stream.of(OurClient.values())
        .flatMap(client -> Stream.of(true, false).map(announces -> Arguments.of(client, announces)));
  }

  @ParameterizedTest
  @MethodSource("worlds")
  void noCodeOfTheHonestProviderIsSentToAnyTokenEndpoint(OurClient ours, boolean evilAnnouncesIss) {
    try (var world = FlowWorld.start(knobs -> knobs.withoutIss().redirectsBySubdirectory());
        var evil = FakeAuthorizationServer.start(evilAnnouncesIss ? _ -> {} : AuthorizationServerKnobs::withoutIss);
        var trap = FakeMcpServer.protectedBy(evil)) {
      var attackersFlow = beginAtHonestProvider(world, ours);
      var errors = new ArrayList<ErrorCode>();

      for (String trick : tricks(world, attackersFlow, evil)) {
        for (var victimsFlow : victimsFlows(world, trap)) {
          lure(world, evil, victimsFlow, mixedUp(attackersFlow, victimsFlow, trick))
              .ifPresent(outcome -> errors.add(((CallbackOutcome.Failed) outcome).error()));
          assertThat(evil.tokenRequests()).as(trick).isEmpty();
        }
      }
      // With some of the tricks, the honest provider does send its code to us.
      assertThat(errors).isNotEmpty().containsOnly(ErrorCode.CONTEXT_MISMATCH);
      assertThat(world.authorizationServer.tokenRequests()).isEmpty();
      assertThat(world.stored(OTHER)).isEmpty();
      assertThat(world.stored(USER)).isEmpty();
    }
  }

  /** The attacker's own flow. It shows the attacker our client, and one redirect URI of that client's registration. */
  private static AuthorizationStarted beginAtHonestProvider(FlowWorld world, OurClient ours) {
    return switch (ours) {
      case BY_OPERATOR -> {
        OperatorsClient.at(world, true);
        world.authorizationServer.preRegister(FakeClient
            .confidential(OperatorsClient.ID, OperatorsClient.SECRET, world.base.plainCallback().value())
            .authenticatingBy("client_secret_post"));
        yield world.begin(OTHER, AuthorizationStart.fresh());
      }
      case BY_THE_GUIDES_CALL -> {
        var body = Json.newObject();
        body.putArray("redirect_uris").add(world.base.plainCallback().value());
        yield world.begin(OTHER, FlowWorld.as(world.register(OPERATOR, body).path("client_id").asText()));
      }
      case DYNAMICALLY -> world.begin(OTHER, AuthorizationStart.fresh());
    };
  }

  /**
   * Redirect URIs that the hostile issuer may name; {@code VICTIMS} stands for the redirect URI of the victim's own
   * flow.
   */
  private static List<String> tricks(FlowWorld world, AuthorizationStarted attackersFlow,
      FakeAuthorizationServer evil) {
    var evilContext = IssuerContext.of(new Issuer(evil.issuer()));
    String planted = "?iss=" + URLEncoder.encode(evil.issuer(), UTF_8);
    return Stream.of("VICTIMS", redirectUri(attackersFlow), world.base.plainCallback().value(), world.contextCallback())
        .distinct()
        .flatMap(uri -> Stream.of(uri, uri + planted, uri + "/" + evilContext, uri + "/" + evilContext + planted,
            uri + "/" + evilContext + "/callback", uri + "/../issuer/" + evilContext + "/callback",
            uri + "?context=" + evilContext))
        .toList();
  }

  /**
   * One flow with a client that the victim names, as the guide's call does, and one with a client that we register at
   * the hostile issuer.
   */
  private static List<AuthorizationStarted> victimsFlows(FlowWorld world, FakeMcpServer trap) {
    var named = FlowWorld.as("named-by-victim");
    return List.of(world.begin(fresh(), FlowWorld.urlOf(trap), named),
        world.begin(fresh(), FlowWorld.urlOf(trap), AuthorizationStart.fresh()));
  }

  /** A new victim, who has not yet used up the flows of this hour. */
  private static Caller fresh() {
    return new Caller(new UserId("victim-" + Unguessable.text()), false);
  }

  private static String mixedUp(AuthorizationStarted attackersFlow, AuthorizationStarted victimsFlow, String trick) {
    var parameters = new LinkedHashMap<>(sent(attackersFlow).parameters());
    parameters.put("redirect_uri", trick.replace("VICTIMS", redirectUri(victimsFlow)));
    parameters.put("state", victimsFlow.state().value());
    String url = attackersFlow.authorizationUrl();
    return url.substring(0, url.indexOf('?')) + "?" + OutboundRequest.formBody(parameters);
  }

  private static String redirectUri(AuthorizationStarted begun) {
    return sent(begun).parameters().getOrDefault("redirect_uri", "");
  }

  /** The victim's browser follows its redirects. The outcome is empty if they lead to no route of ours. */
  private static Optional<CallbackOutcome> lure(FlowWorld world, FakeAuthorizationServer evil,
      AuthorizationStarted victimsFlow,
      String honestUrl) {
    evil.authorizationEndpoint().next(Response.redirect(302, honestUrl));
    return evil.visit(victimsFlow.authorizationUrl()).flatMap(url -> world.authorizationServer.visit(url.toString()))
        .map(URI::normalize).filter(Browsers::isRoute)
        .map(url -> world.callback(victimsFlow, Browsers.answer(url)));
  }
}
