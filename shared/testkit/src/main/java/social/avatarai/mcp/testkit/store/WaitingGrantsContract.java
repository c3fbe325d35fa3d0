package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.WaitingGrant;
import social.avatarai.mcp.token.WaitingGrants;

/** The contract of {@link WaitingGrants}. */
public abstract class WaitingGrantsContract {
  private final ConnectionKey key = Samples.key();

  protected abstract WaitingGrants waiting();

  protected abstract Grants grants();

  private WaitingGrant kept(Grant grant) {
    var one = new WaitingGrant(grant, NOW.plusSeconds(600));
    waiting().keep(one);
    return one;
  }

  @Test
  void findsWhatWaitsWithAllItsValues() {
    assertThat(waiting().find(key)).isEmpty();
    var one = kept(Samples.grantOf(key, "bob"));
    assertThat(waiting().find(key)).contains(one);
    var stated = kept(Samples.statedGrant(Samples.key()));
    assertThat(waiting().find(stated.grant().key())).contains(stated);
  }

  @Test
  void oneGrantWaitsForAConnection() {
    var first = kept(Samples.grantOf(key, "bob"));
    var second = kept(Samples.grantOf(key, "carol"));
    assertThat(waiting().find(key)).contains(second);
    waiting().forget(first);
    assertThat(waiting().find(key)).contains(second);
    waiting().forget(second);
    assertThat(waiting().find(key)).isEmpty();
  }

  @Test
  void forgetsWhateverWaits() {
    kept(Samples.grantOf(key, "bob"));
    waiting().forgetAll(key);
    assertThat(waiting().find(key)).isEmpty();
    waiting().forgetAll(key);
  }

  /** Otherwise the tokens could be used before the user has decided. */
  @Test
  void whatWaitsIsNoGrant() {
    var grant = kept(Samples.grantOf(key, "bob")).grant();
    var user = key.user();
    assertThat(grants().read(key)).isEmpty();
    assertThat(grants().connections(user)).isEmpty();
    assertThat(grants().count(user)).isZero();
    assertThat(grants().covering(user, grant.target().serverUrl()).grants()).isEmpty();
    assertThat(grants().findByRefreshToken(user, Objects.requireNonNull(grant.tokens().refreshToken()))).isEmpty();
  }
}
