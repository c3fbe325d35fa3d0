package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.requesting;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;

/** A token response that names more scopes than the user has granted (RFC 6749 §6, RFC 9700 §4.14). */
class WidenedScopeFlowTest {
  private final FlowWorld world = FlowWorld.start();

  @AfterEach
  void close() {
    world.close();
  }

  private Grant refreshed(String scope) {
    world.authorizationServer.adjust(knobs -> knobs.refreshedScope(scope));
    var grant = GrantWorld.renewed(world.flow().refresh(USER, new What.Stored(world.connection()),
        FlowWorld.deadline()));
    // What is stored, and not only what the call responds.
    var stored = world.stored(USER).orElseThrow();
    assertThat(stored.tokens().scope()).isEqualTo(grant.tokens().scope());
    assertThat(stored.warnings()).isEqualTo(grant.warnings());
    return stored;
  }

  @Test
  void aRefreshThatWidensTheScopeIsNotSilent() {
    var before = world.connect(USER, requesting("read write"));
    var after = refreshed("read write admin");

    assertThat(after.tokens().scope()).hasToString("read write");
    assertThat(after.warnings()).contains(Warning.SCOPE_WIDENED);
    assertThat(world.log()).contains("\"scope_widened\"").doesNotContain("admin");
    // The grant lives on with the new tokens.
    assertThat(after.isSameVersion(before)).isFalse();
    assertThat(after.tokens().accessToken()).isNotEqualTo(before.tokens().accessToken());
    assertThat(after.state().needsReauthorization()).isFalse();
  }

  @Test
  void theWideScopeIsNeverTakenHoweverOftenItComes() {
    world.connect(USER, requesting("read"));
    for (int i = 0; i < 3; i++)
      assertThat(refreshed("admin").tokens().scope()).hasToString("read");
    assertThat(refreshed("read admin").tokens().scope()).hasToString("read");
  }

  @Test
  void theWarningStaysUntilTheNextConsent() {
    world.connect(USER, requesting("read"));
    refreshed("read admin");
    assertThat(refreshed("read").warnings()).contains(Warning.SCOPE_WIDENED);
    assertThat(world.connect(USER, requesting("read")).warnings()).doesNotContain(Warning.SCOPE_WIDENED);
  }

  @ParameterizedTest
  @CsvSource({"read,read", "write read,write read", "read write offline_access,read write offline_access"})
  void aNarrowerAndAnEqualScopeAreKeptWithoutAWarning(String responded, String kept) {
    world.connect(USER, requesting("read write"));
    var after = refreshed(responded);
    assertThat(after.tokens().scope()).hasToString(kept);
    assertThat(after.warnings()).doesNotContain(Warning.SCOPE_WIDENED);
  }

  @Test
  void aRefreshThatNamesNoScopeChangesNone() {
    world.connect(USER, requesting("read write"));
    var after = refreshed("");
    assertThat(after.tokens().scope()).hasToString("read write");
    assertThat(after.warnings()).doesNotContain(Warning.SCOPE_WIDENED);
  }

  @Test
  void ofOtherScopesThoseThatTheUserGrantedAreKept() {
    world.connect(USER, requesting("read write"));
    assertThat(refreshed("write admin").tokens().scope()).hasToString("write");
  }

  /** The user saw fewer scopes when the flow began. */
  @Test
  void aFirstResponseWithMoreThanAskedForIsKeptWithAWarning() {
    world.authorizationServer.adjust(knobs -> knobs.grantedScope("read admin"));
    var grant = world.connect(USER, requesting("read"));
    assertThat(grant.tokens().scope()).hasToString("read admin");
    assertThat(grant.warnings()).contains(Warning.SCOPE_WIDENED);
    assertThat(refreshed("read admin").tokens().scope()).hasToString("read admin");
  }

  @ParameterizedTest
  @ValueSource(strings = {"read", "read write"})
  void aResponseWithScopesWhereNoneWereAskedForIsNoSurprise(String granted) {
    world.authorizationServer.adjust(knobs -> knobs.grantedScope(granted));
    assertThat(world.connect(USER, AuthorizationStart.fresh()).warnings()).doesNotContain(Warning.SCOPE_WIDENED);
  }
}
