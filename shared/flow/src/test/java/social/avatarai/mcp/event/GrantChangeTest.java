package social.avatarai.mcp.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantState.Status;

class GrantChangeTest {
  private static final ConnectionKey KEY = new ConnectionKey(new UserId("user"), new ConnectionId("server"));
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private static GrantFacts active(String grant, long version) {
    return facts(grant, version, Status.ACTIVE, null);
  }

  private static GrantFacts ended(String grant, long version) {
    return facts(grant, version, Status.REAUTHORIZATION_REQUIRED, "TOKEN_ENDPOINT_MOVED");
  }

  private static GrantFacts facts(String grant, long version, Status status, @Nullable String cause) {
    return new GrantFacts(KEY, new GrantId(grant), version, status, cause, new Issuer("https://issuer.example.com"));
  }

  private static GrantChange change(String sequence, @Nullable GrantFacts before, @Nullable GrantFacts after) {
    return new GrantChange("id-" + sequence, sequence, NOW, before, after);
  }

  private static Optional<GrantEvent.Type> type(@Nullable GrantFacts before, @Nullable GrantFacts after) {
    return change("1", before, after).event().map(GrantEvent::type);
  }

  @Test
  void aNewGrantIsConnected() {
    assertThat(type(null, active("a", 1))).contains(GrantEvent.Type.CONNECTED);
  }

  @Test
  void aNewGrantInThePlaceOfOneThatWorksIsConnectedAgain() {
    assertThat(type(active("a", 7), active("b", 1))).contains(GrantEvent.Type.CONNECTED);
  }

  @Test
  void aGrantThatCannotBeRenewedNeedsReauthorizationOnce() {
    assertThat(type(active("a", 7), ended("a", 7))).contains(GrantEvent.Type.REAUTHORIZATION_REQUIRED);
    assertThat(type(ended("a", 7), ended("a", 7))).isEmpty();
  }

  @Test
  void aNewConsentRecoversAConnection() {
    assertThat(type(ended("a", 7), active("b", 1))).contains(GrantEvent.Type.RECOVERED);
    assertThat(type(ended("a", 7), active("a", 8))).contains(GrantEvent.Type.RECOVERED);
  }

  @Test
  void aDeletedGrantIsRevokedWhateverItsState() {
    assertThat(type(active("a", 7), null)).contains(GrantEvent.Type.REVOKED);
    assertThat(type(ended("a", 7), null)).contains(GrantEvent.Type.REVOKED);
  }

  @Test
  void anotherVersionOfTheTokensIsARefreshAndTheSameVersionIsNoEvent() {
    assertThat(type(active("a", 7), active("a", 8))).contains(GrantEvent.Type.REFRESHED);
    assertThat(type(active("a", 7), active("a", 7))).isEmpty();
  }

  @Test
  void tellsWhatTheReceiverNeedsAndTheCauseOnlyWhereThereIsOne() {
    var data = change("42", active("a", 7), ended("a", 7)).event().orElseThrow().data();

    assertThat(data.toString())
        .isEqualTo("{\"id\":\"id-42\",\"user\":\"user\",\"connection\":\"server\",\"grant\":\"a\","
            + "\"issuer\":\"https://issuer.example.com\",\"status\":\"reauthorization_required\","
            + "\"cause\":\"token_endpoint_moved\",\"version\":7,"
            + "\"sequence\":\"42\",\"time\":\"2026-01-02T03:04:05Z\"}");
    assertThat(change("43", ended("a", 7), null).event().orElseThrow().data().has("cause")).isFalse();
    var refused = facts("a", 7, Status.REAUTHORIZATION_REQUIRED, null);
    assertThat(change("44", active("a", 7), refused).event().orElseThrow().data().path("cause").asText())
        .isEqualTo("refresh_refused");
  }
}
