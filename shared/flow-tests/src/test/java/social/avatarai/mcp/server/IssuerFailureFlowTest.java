package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static social.avatarai.mcp.server.FailedConnect.failing;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.record;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.authorization.AuthorizationResponse;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.server.FailedConnect.Scene;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.OperatorsClient;

/**
 * After a {@code connect} or a consent that fails because of an authorization server, of its client, or of what binds it
 * to the server, the record says why and what to do, as {@link ConnectFailureFlowTest} shows for other failures.
 */
class IssuerFailureFlowTest {

  private static FailedConnect ofIssuer(String name, ErrorCode code, String remedy,
      Consumer<AuthorizationServerKnobs> fault) {
    return failing(name, code, remedy, scene -> {
      scene.world.authorizationServer.adjust(fault);
      scene.server.put();
      scene.connect();
    });
  }

  private static void signIn(Scene scene, String owner) {
    scene.world.authorizationServer.adjust(knobs -> knobs.accounts(accounts -> accounts.signedIn(owner)
        .idToken(_ -> {})));
  }

  static Stream<FailedConnect> cases() {
    return Stream.of(
        ofIssuer("registration refused", ErrorCode.REGISTRATION_REFUSED, "authorization.config",
            knobs -> knobs.refuseRegistration(400, "invalid_client_metadata")),
        ofIssuer("client required", ErrorCode.CLIENT_REQUIRED, "authorization.config",
            knobs -> knobs.withoutRegistration()),
        ofIssuer("no metadata of the issuer", ErrorCode.ISSUER_METADATA_NOT_FOUND, "authorization.config",
            knobs -> knobs.wellKnown()),
        failing("access token for another resource", ErrorCode.AUDIENCE_MISMATCH, "must correct this", scene -> {
          scene.world.authorizationServer.adjust(knobs -> knobs.jwtAccessTokens("https://another.example.com/mcp"));
          scene.server.put();
          scene.answer(response -> response);
        }).ofConsent(),
        failing("401 without metadata", ErrorCode.REGISTRATION_REFUSED, "authorization.config", scene -> {
          scene.world.mcpServer.adjust(knobs -> knobs.withoutResourceMetadata().metadataResponse(Response.of(404)));
          scene.server.put();
          scene.connect();
        }),
        failing("only a parent of the URL as resource", ErrorCode.RESOURCE_NOT_EXACT, "EXACT_RESOURCES", scene -> {
          scene.world.with("EXACT_RESOURCES", "on");
          scene.world.mcpServer.adjust(knobs -> knobs.resource(scene.world.mcpServer.origin()));
          scene.server.put();
          scene.connect();
        }),
        ofIssuer("PKCE not advertised", ErrorCode.PKCE_UNSUPPORTED, "PKCE_EXCEPTIONS",
            knobs -> knobs.withoutMetadata("code_challenge_methods_supported")));
  }

  /** Responses and issuers that are not those of the flow that began. */
  static Stream<FailedConnect> casesOfMixUps() {
    String other = "https://another.example.com";
    return Stream.of(
        ofIssuer("metadata of another issuer", ErrorCode.ISSUER_MISMATCH, "only if you trust the server",
            knobs -> knobs.metadata("issuer", other)),
        failing("response of another issuer", ErrorCode.ISSUER_MISMATCH, "only if you trust the server", scene -> {
          scene.server.put();
          scene.answer(response -> new AuthorizationResponse(response.code(), null, other, response.context()));
        }).ofConsent(),
        failing("response at another issuer's redirect URI", ErrorCode.CONTEXT_MISMATCH, "Connect again", scene -> {
          scene.server.put();
          scene.answer(response -> new AuthorizationResponse(response.code(), null, response.iss(),
              IssuerContext.of(new Issuer(other))));
        }).ofConsent(),
        failing("another issuer in the server's metadata while the token is taken", ErrorCode.ISSUER_CONFLICT,
            "disconnect it first", scene -> {
              scene.server.put();
              scene.server.connectWithConsent();
              try (var third = FakeAuthorizationServer.start()) {
                scene.world.mcpServer.adjust(knobs -> knobs.authorizationServers(third.issuer()));
                scene.world.restart();
                var found = scene.world.flow().discoverResource(FlowWorld.USER, scene.world.url(),
                    FlowWorld.deadline());
                var _ = catchThrowable(() -> scene.world.flow().consent(FlowWorld.USER,
                    found, AuthorizationStart.fresh().forServer(MCP_ID), scene.world.now()));
              }
            }).leaving("connected"),
        failing("record that moved during the consent", ErrorCode.SERVER_CHANGED, "connect it again", scene -> {
          scene.server.put();
          var begun = scene.server.begin();
          scene.server.put(record(scene.open.url()));
          scene.world.callback(begun, scene.world.approve(begun));
        }),
        failing("another account", ErrorCode.ACCOUNT_CHANGED, "send the decision to complete", scene -> {
          scene.server.put();
          var first = scene.server.begin();
          var second = scene.server.begin();
          signIn(scene, "alice");
          scene.server.consented(first);
          signIn(scene, "bob");
          scene.world.callback(second, scene.world.approve(second));
        }).leaving("connected"),
        failing("issuer on another site", ErrorCode.FOREIGN_ISSUER, "ISSUER_BINDINGS", scene -> {
          scene.world.with("FOREIGN_ISSUERS", "refuse");
          String server = scene.world.mcpServer.url().replace("localhost", "127.0.0.1");
          scene.world.mcpServer.adjust(knobs -> knobs.resource(server).resourceMetadata(
              scene.world.mcpServer.origin().replace("localhost", "127.0.0.1")
                  + "/.well-known/oauth-protected-resource/mcp"));
          scene.server.put(record(server));
          scene.connect();
        }),
        failing("secret of the operator's client that is missing", ErrorCode.MISCONFIGURED,
            "the operator of this deployment",
            scene -> {
              OperatorsClient.at(scene.world, false);
              scene.world.authorizationServer.preRegister(FakeClient.confidential(OperatorsClient.ID,
                  OperatorsClient.SECRET, scene.world.contextCallback()).authenticatingBy("client_secret_post"));
              scene.server.put();
              scene.world.platform.stores().vault().delete(OperatorsClient.SECRET_NAME);
              scene.answer(response -> response);
            }).ofConsent());
  }

  /** No connect and no consent of a record ends with these, or the record says the cause of its grant in their place. */
  private static final Set<ErrorCode> OF_OTHER_CALLS = EnumSet.of(ErrorCode.ACCESS_TOKEN_REJECTED,
      ErrorCode.AMBIGUOUS_CONNECTION, ErrorCode.AUTHORIZATION_REQUIRED, ErrorCode.BODY_TOO_LARGE,
      ErrorCode.CHANGED_MEANWHILE, ErrorCode.FORBIDDEN, ErrorCode.INSUFFICIENT_SCOPE, ErrorCode.INVALID_GRANT,
      ErrorCode.INVALID_REQUEST, ErrorCode.INVALID_URL, ErrorCode.NOT_FOUND, ErrorCode.RESOURCE_METADATA_NOT_FOUND,
      ErrorCode.SERVER_CONFLICT, ErrorCode.SESSION_MISMATCH, ErrorCode.UNAUTHENTICATED, ErrorCode.UNSUPPORTED_RECORD,
      ErrorCode.UNSUPPORTED_TRANSPORT);

  @Test
  void everyCodeThatAConnectOrAConsentEndsWithHasACase() {
    var shown = Stream.of(ConnectFailureFlowTest.cases(), cases(), casesOfMixUps()).flatMap(Function.identity())
        .map(FailedConnect::code).collect(Collectors.toCollection(() -> EnumSet.noneOf(ErrorCode.class)));
    assertThat(shown).doesNotContainAnyElementsOf(OF_OTHER_CALLS);
    shown.addAll(OF_OTHER_CALLS);
    assertThat(shown).containsExactlyInAnyOrder(ErrorCode.values());
  }

  @TestFactory
  Stream<DynamicTest> everyFailureOfAnIssuerSaysWhyAndWhatToDo() {
    return Stream.concat(cases(), casesOfMixUps()).map(one -> DynamicTest.dynamicTest(one.name(), () -> {
      try (var scene = new Scene()) {
        one.assertSaidIn(scene);
      }
    }));
  }
}
