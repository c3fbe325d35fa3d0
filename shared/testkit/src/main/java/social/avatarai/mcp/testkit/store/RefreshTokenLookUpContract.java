package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Grants.ByRefreshToken;

/**
 * The contract of {@link Grants} for finding a grant by its refresh token.
 *
 * <p>A grant that is not found is dangerous: the token is then relayed, and a used token may end the user's whole
 * grant.
 */
public abstract class RefreshTokenLookUpContract {

  protected abstract Grants grants();

  private Grant stored() {
    var grant = Samples.grant();
    grants().store(grant);
    return grant;
  }

  private Grant committed(Grant next) {
    assertThat(grants().commit(next)).isTrue();
    return next;
  }

  private Grant rotated(Grant grant) {
    return committed(grant.renewed(Samples.tokens("next"), GrantState.healthy(NOW, 0)));
  }

  private static RefreshToken token(Grant grant) {
    return Objects.requireNonNull(grant.tokens().refreshToken());
  }

  private void assertFound(Grant grant, RefreshToken token, boolean current) {
    var found = grants().findByRefreshToken(grant.key().user(), token).orElseThrow();
    assertThat(found).isEqualTo(new ByRefreshToken(grants().read(grant.key()).orElseThrow(), current));
  }

  private void assertNotFound(Grant grant, RefreshToken token) {
    assertThat(grants().findByRefreshToken(grant.key().user(), token)).isEmpty();
  }

  @Test
  void findsTheGrantThatHasIt() {
    var grant = stored();
    grants().store(Samples.grant(new ConnectionKey(grant.key().user(), new ConnectionId("another"))));
    grants().store(Samples.plainGrant(new ConnectionKey(grant.key().user(), new ConnectionId("without"))));
    assertFound(grant, token(grant), true);
  }

  @Test
  void findsNothingForOthers() {
    var grant = stored();
    assertNotFound(grant, new RefreshToken("unknown"));
    assertThat(grants().findByRefreshToken(Samples.user(), token(grant))).isEmpty();
  }

  @Test
  void findsTheRenewedGrantByBothAndForgetsTheOneBefore() {
    var first = stored();
    var second = rotated(first);
    assertFound(first, token(first), false);
    assertFound(first, token(second), true);

    var third = rotated(second);
    assertNotFound(first, token(first));
    assertFound(first, token(second), false);
    assertFound(first, token(third), true);

    var fourth = rotated(third);
    assertNotFound(first, token(second));
    assertFound(first, token(third), false);
    assertFound(first, token(fourth), true);
  }

  @Test
  void failedAttemptsForgetNoPreviousToken() {
    var first = stored();
    var grant = rotated(first);
    var current = token(grant);
    for (int failures = 1; failures <= 4; failures++) {
      var failed = new GrantState(GrantState.Status.ACTIVE, failures, 0, NOW, NOW, 0);
      assertThat(grants().noteState(grant, failed)).isTrue();
      grant = grant.inState(failed);
      assertFound(grant, token(first), false);
      assertFound(grant, current, true);
    }
    var next = rotated(grant);
    assertNotFound(grant, token(first));
    assertFound(grant, current, false);
    assertFound(grant, token(next), true);
  }

  @Test
  void aRenewalThatKeepsTheRefreshTokenForgetsNoPreviousOne() {
    var first = stored();
    var second = rotated(first);
    var kept = committed(second.renewed(Samples.tokens(token(second)), GrantState.healthy(NOW, 0)));
    assertFound(first, token(kept), true);
    assertFound(first, token(first), false);
  }

  @Test
  void newConsentForgetsTheTokensOfTheOldOne() {
    var old = rotated(stored());
    var consent = Samples.grant(old.key());
    grants().store(consent);
    assertNotFound(old, token(old));
    assertFound(consent, token(consent), true);
  }

  @Test
  void grantKnowsThatItsFirstAndItsPreviousRefreshTokensAreSpent() {
    var first = stored();
    assertThat(grants().isSpent(first, token(first))).as("the current one").isFalse();
    assertThat(grants().isSpent(first, new RefreshToken("unknown"))).isFalse();
    var second = rotated(first);
    var third = rotated(second);
    var fourth = rotated(third);
    assertThat(grants().isSpent(fourth, token(first))).as("the first one").isTrue();
    assertThat(grants().isSpent(fourth, token(third))).as("the previous one").isTrue();
    assertThat(grants().isSpent(first, token(first))).as("an older copy of the grant").isTrue();
    assertThat(grants().isSpent(fourth, token(fourth))).isFalse();
  }

  @Test
  void newGrantKnowsNothingOfTheRefreshTokensOfTheOneBefore() {
    var old = rotated(stored());
    var next = Samples.plainGrant(old.key());
    grants().store(next);
    assertThat(grants().isSpent(next, token(old))).isFalse();
    assertThat(grants().isSpent(old, token(old))).as("the old grant is gone").isFalse();
  }

  @Test
  void findsAmongManyConnections() {
    var user = Samples.user();
    Grant last = null;
    for (int i = 0; i < 30; i++) {
      last = Samples.grant(new ConnectionKey(user, new ConnectionId("server-" + i)));
      grants().store(last);
    }
    Objects.requireNonNull(last);
    assertFound(last, token(last), true);
  }
}
