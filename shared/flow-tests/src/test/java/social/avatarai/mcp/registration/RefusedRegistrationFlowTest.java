package social.avatarai.mcp.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;

/** A refused registration that says what would be accepted. */
class RefusedRegistrationFlowTest {

  private static List<String> grantTypes(FlowWorld world, int registration) {
    return world.authorizationServer.registrations().get(registration).json().path("grant_types").valueStream()
        .map(JsonNode::asText).toList();
  }

  @Test
  void registersWithoutTheRefreshTokenWhereTheIssuerDoesNotListIt() {
    try (var world = FlowWorld.start(knobs -> knobs.grantTypes("authorization_code"))) {
      assertThat(world.connect().tokens().refreshToken()).isNull();
      assertThat(world.authorizationServer.registrations()).hasSize(1);
      assertThat(grantTypes(world, 0)).containsExactly("authorization_code");
    }
  }

  @Test
  void registersWithTheRefreshTokenWhereTheIssuerListsNoGrantTypes() {
    try (var world = FlowWorld.start(knobs -> knobs.withoutMetadata("grant_types_supported"))) {
      assertThat(world.connect().tokens().refreshToken()).isNotNull();
    }
  }

  @Test
  void registersOnceMoreWithoutAMemberThatTheServerDoesNotKnow() {
    try (var world = FlowWorld.start(knobs -> knobs.refuseRegistrationMembers("application_type"))) {
      assertThat(world.connect().tokens().refreshToken()).isNotNull();
      assertThat(world.authorizationServer.registrations()).hasSize(2);
      assertThat(grantTypes(world, 1)).containsExactly("authorization_code", "refresh_token");
    }
  }

  @Test
  void registersOnceMoreWithoutTheRefreshTokenWhereTheRefusalNamesIt() {
    try (var world = FlowWorld.start(knobs -> knobs.grantTypes("authorization_code")
        .withoutMetadata("grant_types_supported"))) {
      assertThat(world.connect().tokens().refreshToken()).isNull();
      assertThat(world.authorizationServer.registrations()).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"error\":\"invalid_client_metadata\"}",
      "{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"application_type\"]}]}",
      "json: unknown field \"application_type\"", "Unrecognized key(s) in object: 'application_type'",
      "must NOT have additional properties", "property application_type should not exist"})
  void registersOnceMoreWhateverTheWordsForAnUnknownMember(String body) {
    try (var world = FlowWorld.start()) {
      world.authorizationServer.registrationEndpoint().next(Response.of(400).body("application/json", body));
      world.connect();
      assertThat(world.authorizationServer.registrations()).hasSize(2);
      assertThat(world.authorizationServer.registrations().get(1).json().has("application_type")).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "{'error':'invalid_client_metadata','error_description':'application_type is not known; grant_types is'}",
      "{'error':'invalid_client_metadata','error_description':'grant_type refresh_token needs response_types'}",
      "{'error':'invalid_client_metadata','error_description':'the redirect_uris do not fit grant_type refresh_token'}",
      "{'error':'invalid_client_metadata','hint':'see grant_types and refresh_token in our manual'}",
      "unknown field application_type, expected one of client_name, grant_types, redirect_uris"})
  void refusalThatMerelyMentionsTheGrantTypeDoesNotCostTheRefreshToken(String body) {
    try (var world = FlowWorld.start(knobs -> knobs.withoutMetadata("grant_types_supported"))) {
      world.authorizationServer.registrationEndpoint()
          .next(Response.of(400).body("application/json", body.replace('\'', '"')));
      assertThat(world.connect().tokens().refreshToken()).isNotNull();
      assertThat(grantTypes(world, 1)).containsExactly("authorization_code", "refresh_token");
      assertThat(world.authorizationServer.registrations().get(1).json().has("application_type")).isFalse();
    }
  }

  @Test
  void refusalOfTheGrantTypeDoesNotCostTheRefreshTokenWhereTheIssuerListsIt() {
    try (var world = FlowWorld.start()) {
      world.authorizationServer.registrationEndpoint()
          .next(Response.error(400, "invalid_client_metadata").body("application/json",
              "{\"error\":\"invalid_client_metadata\",\"error_description\":\"grant_types: refresh_token is not allowed\"}"));
      assertThat(world.connect().tokens().refreshToken()).isNotNull();
      assertThat(grantTypes(world, 1)).containsExactly("authorization_code", "refresh_token");
    }
  }

  @Test
  void wrappedRefusalOfTheGrantTypeIsReadAsASuccessIsRead() {
    try (var world = FlowWorld.start(knobs -> knobs.grantTypes("authorization_code")
        .withoutMetadata("grant_types_supported"))) {
      world.authorizationServer.registrationEndpoint().next(Response.of(400).body("application/json",
          "<!-- node 7 -->{\"error\":\"invalid_client_metadata\",\"error_description\":\"grant_types: refresh_token\"}"));
      assertThat(world.connect().tokens().refreshToken()).isNull();
      assertThat(world.authorizationServer.registrations()).hasSize(2);
    }
  }

  /** The issuer has made a client each time, and nothing here knows its identifier. */
  @Test
  void registrationWhoseSuccessCannotBeReadIsNotRepeatedByTheNextStarts() {
    try (var world = FlowWorld.start()) {
      world.authorizationServer.registrationEndpoint()
          .next(Response.of(201).body("application/json", "{\"client_id\":\"a\",\"client_id\":\"b\"}"));
      for (int start = 0; start < 3; start++)
        assertFails(ErrorCode.INVALID_UPSTREAM_ANSWER, world::begin);
      assertThat(world.authorizationServer.registrations()).hasSize(1);
      world.clock.advance(Duration.ofMinutes(10));
      world.connect();
      assertThat(world.authorizationServer.registrations()).hasSize(2);
    }
  }

  @Test
  void registersNoThirdTime() {
    try (var world = FlowWorld.start(knobs -> knobs.refuseRegistration(400, "invalid_client_metadata"))) {
      assertFails(ErrorCode.REGISTRATION_REFUSED, world::begin);
      assertThat(world.authorizationServer.registrations()).hasSize(2);
    }
  }

  @ParameterizedTest
  @CsvSource({"400,invalid_redirect_uri", "400,unapproved_software_statement", "401,invalid_token",
      "403,access_denied"})
  void registersOnlyOnceWhereSomethingElseIsWrong(int status, String error) {
    try (var world = FlowWorld.start(knobs -> knobs.refuseRegistration(status, error))) {
      assertFails(ErrorCode.REGISTRATION_REFUSED, world::begin);
      assertThat(world.authorizationServer.registrations()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 503})
  void issuerThatCannotRegisterNowRefusesNothingAndSaysWhenToComeBack(int status) {
    try (var world = FlowWorld.start()) {
      world.authorizationServer.registrationEndpoint().next(Response.of(status).with("Retry-After", "120"));
      assertUnreachable(world, catchThrowableOfType(Failure.class, world::begin), status);
    }
  }

  @Test
  void registrationOfACallerThatComesTooOftenIsNotRefused() {
    try (var world = FlowWorld.start()) {
      world.authorizationServer.registrationEndpoint().next(Response.of(429).with("Retry-After", "120"));
      assertUnreachable(world,
          catchThrowableOfType(Failure.class, () -> world.register(USER, Json.newObject())), 429);
    }
  }

  private static void assertUnreachable(FlowWorld world, Failure failure, int status) {
    assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_UNREACHABLE);
    assertThat(failure.upstreamStatus()).contains(status);
    assertThat(failure.retryAt()).contains(world.clock.instant().plusSeconds(120));
    assertThat(world.authorizationServer.registrations()).hasSize(1);
  }
}
