package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.FlowWorld.USER;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.Meanwhile;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/** An issuer gives tokens of another account in a refresh (OpenID Connect Core §12.2). */
class ChangedAccountFlowTest {
  private final FlowWorld world = FlowWorld.start();

  @AfterEach
  void close() {
    world.close();
  }

  private void issueFor(String subject) {
    issueFor(world.authorizationServer.issuer(), subject);
  }

  private void issueFor(String issuer, String subject) {
    world.authorizationServer.adjust(knobs -> knobs
        .accounts(accounts -> accounts.idToken(claims -> claims.put("iss", issuer).put("sub", subject))));
  }

  private Refreshed refresh() {
    return world.flow().refresh(USER, new What.Stored(world.connection()), FlowWorld.deadline());
  }

  private Access access() {
    return world.flow().access(USER, new Target.ByConnection(world.connection()), GrantWorld.call("whoami"),
        FlowWorld.deadline());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "https://other.example"})
  void tokensOfAnotherAccountAreNeverUsedAndTheGrantEnds(String otherIssuer) {
    String subject = "mallory";
    issueFor("alice");
    var before = world.connect();
    issueFor(otherIssuer.isEmpty() ? world.authorizationServer.issuer() : otherIssuer, subject);
    assertThat(refresh()).isInstanceOf(Refreshed.ConsentNeeded.class);
    var now = world.stored(USER).orElseThrow();
    assertThat(now.tokens()).isEqualTo(before.tokens());
    assertThat(now.state().cause()).isEqualTo(GrantState.Cause.IDENTITY_CHANGED);
    assertThat(world.log()).contains("refresh_identity_changed", "reauthorization_required").doesNotContain(subject);
    access();
    assertThat(world.mcpServer.requests().stream().map(request -> request.header("authorization").orElse("")))
        .containsOnly("", "Bearer " + before.tokens().accessToken().reveal());
    world.clock.advance(Duration.ofMinutes(61));
    assertThat(access()).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(world.refreshes()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://accounts.google.com", "https://other.example"})
  void sameAccountWithAnotherSpellingOfTheIssuerKeepsTheGrantAndTheNewPair(String issuer) {
    issueFor("alice");
    world.connect();
    issueFor(issuer, "alice");
    assertThat(refresh()).isInstanceOf(Refreshed.Renewed.class);
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(world.log()).contains("refresh_issuer_respelled").doesNotContain("refresh_identity_changed", "alice");
    assertThat(access()).isInstanceOf(Access.Answered.class);
    issueFor(issuer, "mallory");
    assertThat(refresh()).isInstanceOf(Refreshed.ConsentNeeded.class);
  }

  private void profiled(String id) {
    String profile = "{'example':{'issuer':'" + world.authorizationServer.issuer()
        + "','account':{'from':'id_token','id':" + id + ",'label':'/email'}}}";
    world.with("PROVIDER_PROFILES", profile.replace('\'', '"')).restart();
  }

  private void issueFor(String subject, String tenant, String email) {
    world.authorizationServer.adjust(knobs -> knobs.accounts(accounts -> accounts.idToken(
        claims -> claims.put("iss", world.authorizationServer.issuer()).put("sub", subject).put("tid", tenant)
            .put("email", email))));
  }

  private @Nullable Identity stored() {
    return world.stored(USER).orElseThrow().tokens().identity();
  }

  /** Google's way, and Auth0's: the rows of before the profile have the claim too. */
  @Test
  void profileThatNamesTheSubjectComparesWithGrantsOfBeforeTheProfile() {
    issueFor("alice");
    world.connect();
    profiled("'/sub'");
    issueFor("alice", "t", "alice@example.com");
    assertThat(refresh()).isInstanceOf(Refreshed.Renewed.class);
    assertThat(stored()).isEqualTo(
        new Identity(world.authorizationServer.issuer(), "alice", "alice@example.com", Identity.SUB));
    issueFor("mallory", "t", "mallory@example.com");
    assertThat(refresh()).isInstanceOf(Refreshed.ConsentNeeded.class);
    assertThat(world.stored(USER).orElseThrow().state().cause()).isEqualTo(GrantState.Cause.IDENTITY_CHANGED);
  }

  /** The bug: a profile that names the claim at the UserInfo endpoint switched the comparison off. */
  @Test
  void idTokenOfARefreshIsComparedWhereAProfileReadsTheSubjectFromUserinfo() {
    issueFor("alice");
    world.connect();
    String profile = "{'example':{'issuer':'" + world.authorizationServer.issuer()
        + "','account':{'from':'userinfo','url':'" + world.authorizationServer.issuer() + "/userinfo','id':'/sub'}}}";
    world.with("PROVIDER_PROFILES", profile.replace('\'', '"')).restart();
    assertThat(refresh()).isInstanceOf(Refreshed.Renewed.class);
    issueFor("mallory");
    assertThat(refresh()).isInstanceOf(Refreshed.ConsentNeeded.class);
    assertThat(world.stored(USER).orElseThrow().state().cause()).isEqualTo(GrantState.Cause.IDENTITY_CHANGED);
  }

  /** Entra's way: another member names the account, so the claim that both have decides once. */
  @Test
  void accountOfBeforeTheProfileIsComparedAndThenNamedAsTheProfileDoes() {
    issueFor("alice");
    world.connect();
    profiled("['/tid','/sub']");
    issueFor("alice", "t", "alice@example.com");
    assertThat(refresh()).isInstanceOf(Refreshed.Renewed.class);
    assertThat(stored()).isEqualTo(
        new Identity(world.authorizationServer.issuer(), "t:alice", "alice@example.com", "/tid /sub"));
    issueFor("alice", "other", "alice@example.com");
    assertThat(refresh()).isInstanceOf(Refreshed.ConsentNeeded.class);
  }

  @Test
  void otherSubjectEndsAGrantOfBeforeTheProfile() {
    issueFor("alice");
    world.connect();
    profiled("['/tid','/sub']");
    issueFor("mallory", "t", "mallory@example.com");
    assertThat(refresh()).isInstanceOf(Refreshed.ConsentNeeded.class);
  }

  /** An operator takes a profile away. What the new response says cannot be compared, so it labels no account either. */
  @Test
  void accountThatCannotBeComparedKeepsItsNameAndItsLabel() {
    profiled("['/tid','/sub']");
    issueFor("alice", "t", "alice@example.com");
    world.connect();
    var before = stored();
    world.with("PROVIDER_PROFILES", "").restart();
    issueFor("mallory", "t", "mallory@example.com");
    assertThat(refresh()).isInstanceOf(Refreshed.Renewed.class);
    assertThat(stored()).isEqualTo(before);
  }

  private static boolean isNoteOfAnEnd(SdkRequest request) {
    return request instanceof UpdateItemRequest update && update.expressionAttributeValues()
        .containsValue(AttributeValue.fromS(GrantState.Status.REAUTHORIZATION_REQUIRED.name()));
  }

  private static void fail() {
    throw SdkClientException.create("the table fails");
  }

  private Flow anotherProcess(Meanwhile meanwhile) {
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
    return world.platform.wiring().flow();
  }

  private Refreshed refresh(Flow process) {
    return process.refresh(USER, new What.Stored(world.connection()), FlowWorld.deadline());
  }

  /** The bug: the grant stayed active with a spent token, and the other account's tokens lived on. */
  @Test
  void endOfAGrantOutlivesAFailureOfTheTable() {
    issueFor("alice");
    world.connect();
    issueFor("mallory");
    var meanwhile = new Meanwhile();
    meanwhile.before(ChangedAccountFlowTest::isNoteOfAnEnd, ChangedAccountFlowTest::fail);
    assertThat(refresh(anotherProcess(meanwhile))).isInstanceOf(Refreshed.ConsentNeeded.class);
    assertThat(meanwhile.isOver()).isTrue();
    assertThat(world.stored(USER).orElseThrow().state().cause()).isEqualTo(GrantState.Cause.IDENTITY_CHANGED);
    assertThat(world.log()).contains("tokens_dropped");
  }

  @Test
  void tokensOfAnotherAccountAreDroppedEvenIfTheEndCannotBeWritten() {
    issueFor("alice");
    world.connect();
    issueFor("mallory");
    var meanwhile = new Meanwhile();
    meanwhile.before(ChangedAccountFlowTest::isNoteOfAnEnd, ChangedAccountFlowTest::fail);
    // Otherwise the write would be repeated until the deadline.
    world.platform.with((Pause) _ -> fail());
    var process = anotherProcess(meanwhile);
    assertThatThrownBy(() -> refresh(process)).isInstanceOf(SdkClientException.class);
    assertThat(world.log()).contains("tokens_dropped");
  }

  @Test
  void consentThatCameWhileTheGrantEndsIsUsed() {
    issueFor("alice");
    var old = world.connect();
    issueFor("mallory");
    var meanwhile = new Meanwhile();
    meanwhile.before(ChangedAccountFlowTest::isNoteOfAnEnd, () -> {
      issueFor("alice");
      world.connect();
    });
    var refreshed = GrantWorld.renewed(refresh(anotherProcess(meanwhile)));
    assertThat(refreshed.id()).isNotEqualTo(old.id());
    assertThat(world.stored(USER)).contains(refreshed);
  }

  @Test
  void accountIsRememberedThroughRefreshesThatDoNotNameIt() {
    issueFor("alice");
    world.connect();
    world.authorizationServer.adjust(knobs -> knobs.accounts(accounts -> accounts.idToken(null)));
    assertThat(refresh()).isInstanceOf(Refreshed.Renewed.class);
    issueFor("alice");
    assertThat(refresh()).isInstanceOf(Refreshed.Renewed.class);
    issueFor("mallory");
    assertThat(refresh()).isInstanceOf(Refreshed.ConsentNeeded.class);
  }

  @Test
  void accountThatNoConsentHasNamedIsTakenFromTheFirstRefreshThatDoes() {
    world.connect();
    issueFor("alice");
    assertThat(refresh()).isInstanceOf(Refreshed.Renewed.class);
    issueFor("mallory");
    assertThat(refresh()).isInstanceOf(Refreshed.ConsentNeeded.class);
  }
}
