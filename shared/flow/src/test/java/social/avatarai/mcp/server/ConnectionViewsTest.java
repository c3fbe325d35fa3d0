package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.Examples.NOW;
import static social.avatarai.mcp.FailureAssert.assertFails;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.MovableClock;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.StdioName;
import social.avatarai.mcp.record.ConnectionError;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.McpServer.Terms;
import social.avatarai.mcp.record.ServerSummary;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.token.Account;
import social.avatarai.mcp.token.AccountChange;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.GrantSummary;

/** What follows from a record, a grant and the deployment. An address that is not connected to takes precedence. */
class ConnectionViewsTest {
  private static final ConnectionKey KEY = new ConnectionKey(Examples.ALICE, new ConnectionId("server"));
  private static final Terms NO_TERMS = new Terms(Scopes.none(), null, null, null, false);
  private static final GrantState HEALTHY = GrantState.healthy(NOW, 0);

  private boolean open = true;
  private final ConnectionViews views = new ConnectionViews(_ -> open, new MovableClock());

  private static ServerSummary record(boolean enabled, Terms terms, Status noted, @Nullable ErrorCode error) {
    return new ServerSummary(KEY, Examples.SERVER, enabled, terms, noted,
        error == null ? null : new ConnectionError(error, NOW, "Do something."));
  }

  private static ServerSummary record(Status noted, @Nullable ErrorCode error) {
    return record(true, NO_TERMS, noted, error);
  }

  private static GrantSummary grant(GrantState state, boolean renewable, @Nullable Instant expiresAt) {
    var client = new ClientIdentity(Owner.deployment(), ClientIdentity.Origin.DYNAMIC, new ClientId("client-1"),
        ClientAuthenticationMethod.NONE);
    return new GrantSummary(KEY, Examples.TARGET, client, Scopes.parse("read"), expiresAt, renewable, state,
        Set.of(Warning.LEGACY_DISCOVERY), null, null);
  }

  private static GrantSummary healthy() {
    return grant(HEALTHY, true, NOW.plusSeconds(60));
  }

  private static GrantState lost(GrantState.@Nullable Cause cause) {
    return new GrantState(GrantState.Status.REAUTHORIZATION_REQUIRED, 0, 0, null, NOW, 0, cause,
        GrantState.Notes.NONE);
  }

  private void assertState(ConnectionView view, Status status, @Nullable String cause) {
    assertThat(view.status()).isEqualTo(status);
    assertThat(view.cause()).isEqualTo(cause);
  }

  private ConnectionView of(ServerSummary record, GrantSummary grant) {
    return views.of(record, Optional.of(grant));
  }

  private ConnectionView of(ServerSummary record) {
    return views.of(record, Optional.empty());
  }

  @ParameterizedTest
  @CsvSource(nullValues = "-", value = {"DISCONNECTED,-,-", "CONNECTED,-,-", "AUTHORIZATION_REQUIRED,-,consent_pending",
      "DISCONNECTED,UPSTREAM_TIMEOUT,upstream_timeout", "CONNECTED,UPSTREAM_REFUSED,upstream_refused",
      "AUTHORIZATION_REQUIRED,AUTHORIZATION_DENIED,authorization_denied"})
  void recordWithoutAGrantIsAsItWasNoted(Status noted, @Nullable ErrorCode error, @Nullable String cause) {
    assertState(of(record(noted, error)), noted, cause);
  }

  @ParameterizedTest
  @EnumSource(names = {"DISCONNECTED", "CONNECTED", "AUTHORIZATION_REQUIRED"}, value = Status.class)
  void grantCountsWhateverWasNoted(Status noted) {
    assertState(of(record(noted, null), healthy()), Status.CONNECTED, null);
  }

  @Test
  void decisionAboutAnotherAccountIsAskedForOnlyWhereOneWaits() {
    var record = record(Status.CONNECTED, ErrorCode.ACCOUNT_CHANGED);
    var grant = healthy();
    var change = new AccountChange(GrantId.fresh(), new Account("bob", null), NOW.plusSeconds(1));
    var waiting = new GrantSummary(KEY, grant.target(), grant.client(), grant.scope(), grant.expiresAt(), true,
        grant.state(), grant.warnings(), null, change);
    assertState(of(record, waiting), Status.CONNECTED, "account_changed");
    assertState(of(record, grant), Status.CONNECTED, null);
    assertState(of(record), Status.CONNECTED, null);
  }

  @Test
  void grantThatIsLostNeedsConsentAgainWhateverWentWrongLast() {
    var record = record(Status.CONNECTED, ErrorCode.TOKEN_REJECTED_BY_RESOURCE);
    assertState(of(record, grant(lost(null), true, null)), Status.REAUTHORIZATION_REQUIRED, "refresh_refused");
    assertState(of(record, grant(lost(GrantState.Cause.TOKEN_ENDPOINT_MOVED), true, null)),
        Status.REAUTHORIZATION_REQUIRED, "token_endpoint_moved");
  }

  @Test
  void tokenThatHasEndedNeedsConsentOnlyWhereNothingRenewsIt() {
    var record = record(Status.CONNECTED, null);
    assertState(of(record, grant(HEALTHY, false, NOW)), Status.REAUTHORIZATION_REQUIRED, "token_expired");
    assertState(of(record, grant(HEALTHY, false, NOW.plusMillis(1))), Status.CONNECTED, null);
    assertState(of(record, grant(HEALTHY, false, null)), Status.CONNECTED, null);
    assertState(of(record, grant(HEALTHY, true, NOW)), Status.CONNECTED, null);
  }

  @Test
  void tokenThatTheServerRefusesIsAStateOfItsOwn() {
    assertState(of(record(Status.CONNECTED, ErrorCode.TOKEN_REJECTED_BY_RESOURCE), healthy()),
        Status.RESOURCE_REJECTS, "token_rejected_by_resource");
    assertState(of(record(Status.CONNECTED, ErrorCode.UPSTREAM_TIMEOUT), healthy()), Status.CONNECTED,
        "upstream_timeout");
  }

  @Test
  void grantOfAnEarlierReleaseWhoseRenewalFailsHasACauseAndNoError() {
    var failing = new GrantState(GrantState.Status.ACTIVE, 2, 0, NOW, NOW, 0);
    var record = record(Status.CONNECTED, null);
    var view = of(record, grant(failing, true, NOW.plusSeconds(1)));
    assertState(view, Status.CONNECTED, "refresh_failing");
    assertThat(view.error()).isNull();
    assertState(of(record, grant(failing, true, NOW)), Status.AUTHORIZATION_REQUIRED, "refresh_failing");
  }

  private static GrantState failed(GrantState.Status status, GrantState.Cause cause) {
    return new GrantState(status, 2, 0, NOW.plusSeconds(90), NOW, 0, cause,
        new GrantState.Notes(NOW.minusSeconds(5), null, null));
  }

  @ParameterizedTest
  @EnumSource(GrantState.Cause.class)
  void grantThatWaitsIsConnectedAsLongAsItsTokenLivesAndThenTheUserCanAct(GrantState.Cause cause) {
    var failing = failed(GrantState.Status.ACTIVE, cause);
    var record = record(Status.CONNECTED, ErrorCode.UPSTREAM_TIMEOUT);
    assertState(of(record(Status.CONNECTED, null), grant(failing, true, NOW.plusMillis(1))), Status.CONNECTED,
        cause.wireName());
    var over = of(record, grant(failing, true, NOW));
    assertState(over, Status.AUTHORIZATION_REQUIRED, cause.wireName());
    assertThat(over.error()).satisfies(error -> {
      assertThat(error.at()).isEqualTo(NOW.minusSeconds(5));
      assertThat(error.retryAt()).isEqualTo(NOW.plusSeconds(90));
      assertThat(error.hint()).isNotBlank();
    });
    assertState(views.of(grant(failing, true, NOW)), Status.AUTHORIZATION_REQUIRED, cause.wireName());
  }

  @ParameterizedTest
  @EnumSource(GrantState.Cause.class)
  void grantThatIsLostSaysWhy(GrantState.Cause cause) {
    var lost = views.of(grant(failed(GrantState.Status.REAUTHORIZATION_REQUIRED, cause), true, NOW));
    assertState(lost, Status.REAUTHORIZATION_REQUIRED, cause.wireName());
    assertThat(lost.error()).isNotNull();
  }

  @Test
  void tokensThatTheServerRefusesAreAStateOfTheGrantToo() {
    var rejected = new GrantState(GrantState.Status.ACTIVE, 0, 0, null, NOW, 0, null,
        new GrantState.Notes(null, NOW.minusSeconds(7), null));
    var view = views.of(grant(rejected, true, NOW.plusSeconds(60)));
    assertState(view, Status.RESOURCE_REJECTS, "token_rejected_by_resource");
    assertThat(view.error()).satisfies(error -> assertThat(error.at()).isEqualTo(NOW.minusSeconds(7)));
  }

  @Test
  void serverThatIsSwitchedOffKeepsItsStatus() {
    assertState(of(record(false, NO_TERMS, Status.DISCONNECTED, null)), Status.DISCONNECTED, "server_disabled");
    assertState(of(record(false, NO_TERMS, Status.DISCONNECTED, null), healthy()), Status.CONNECTED,
        "server_disabled");
  }

  @Test
  void grantThatIsForAnotherServerOrIssuerOrClientDoesNotCount() {
    var record = record(true, new Terms(Scopes.none(), new Issuer("https://other.example"), null, null, false),
        Status.DISCONNECTED, null);
    var view = of(record, healthy());
    assertState(view, Status.DISCONNECTED, null);
    assertThat(view.issuer()).isEqualTo(new Issuer("https://other.example"));
    assertThat(view.resource()).isNull();
    assertThat(view.warnings()).isEmpty();
  }

  @Test
  void addressThatIsNotConnectedToComesBeforeEverythingElse() {
    open = false;
    assertState(of(record(Status.CONNECTED, null)), Status.UNREACHABLE_HERE, "blocked_url");
    assertState(of(record(false, NO_TERMS, Status.CONNECTED, null), healthy()), Status.UNREACHABLE_HERE, "blocked_url");
    assertState(of(record(Status.CONNECTED, null), grant(lost(null), true, null)), Status.UNREACHABLE_HERE,
        "blocked_url");
    assertState(views.of(healthy()), Status.UNREACHABLE_HERE, "blocked_url");
  }

  @Test
  void connectionOfAResourceAloneIsAsItsGrantIs() {
    var view = views.of(healthy());
    assertState(view, Status.CONNECTED, null);
    assertThat(view.resource()).isEqualTo(Examples.RESOURCE);
    assertThat(view.issuer()).isEqualTo(Examples.ISSUER);
    assertThat(view.expiresAt()).isEqualTo(NOW.plusSeconds(60));
    assertThat(view.lastUsedAt()).isEqualTo(NOW);
    assertThat(view.warnings()).containsExactly(Warning.LEGACY_DISCOVERY);
    assertState(views.of(grant(lost(null), true, null)), Status.REAUTHORIZATION_REQUIRED, "refresh_refused");
  }

  @Test
  void hintIsCut() {
    assertThat(new ConnectionError(ErrorCode.INTERNAL_ERROR, NOW, "x".repeat(1000)).hint()).hasSize(600);
  }

  @Test
  void recordWithoutTheIssuerOfItsClientSaysSoUntilThereIsAGrant() {
    var terms = new Terms(Scopes.none(), null, null, null, false, null, true);
    var record = record(true, terms, Status.AUTHORIZATION_REQUIRED, null);
    assertState(views.of(record, Optional.empty()), Status.ISSUER_REQUIRED, "issuer_required");
    assertState(of(record, healthy()), Status.CONNECTED, null);
    open = false;
    assertState(views.of(record, Optional.empty()), Status.UNREACHABLE_HERE, "blocked_url");
  }

  @Test
  void programThatIsNotDefinedHereMakesItsServerUnreachable() {
    var server = new ServerSummary(KEY, new StdioName("gone").url(), true, NO_TERMS, Status.CONNECTED, null);
    assertState(views.of(server, Optional.empty()), Status.CONNECTED, null);
    open = false;
    assertState(views.of(server, Optional.empty()), Status.UNREACHABLE_HERE, "unsupported_transport");
    assertFails(Failure.BadRequest.class, ErrorCode.UNSUPPORTED_TRANSPORT, () -> views.requireReachable(server.url()));
    assertFails(Failure.BadRequest.class, ErrorCode.UNSUPPORTED_TRANSPORT, () -> views.requireProgram(server.url()));
    views.requireProgram(Examples.SERVER);
  }
}
