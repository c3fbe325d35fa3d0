package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.ISSUER;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import org.junit.jupiter.api.Test;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.Registrations;
import social.avatarai.mcp.testkit.store.RegistrationsContract;
import social.avatarai.mcp.testkit.store.Samples;

class DynamoDbRegistrationsTest extends RegistrationsContract {
  private final Registrations registrations = process();

  private static Registrations process() {
    return new DynamoDbRegistrations(Stores.client(), Stores.TABLES, Stores.CIPHER);
  }

  @Override
  protected Registrations registrations() {
    return registrations;
  }

  @Test
  void aLateReleaseTakesNoRightThatAnotherProcessHasByNow() {
    var owner = Owner.of(Samples.user());
    var late = process();
    var next = process();
    assertThat(late.acquireLease(owner, ISSUER, NOW, NOW.plusSeconds(30))).isTrue();
    assertThat(next.acquireLease(owner, ISSUER, NOW.plusSeconds(30), NOW.plusSeconds(60))).isTrue();
    late.releaseLease(owner, ISSUER);
    assertThat(process().acquireLease(owner, ISSUER, NOW.plusSeconds(31), NOW.plusSeconds(60))).isFalse();
    next.releaseLease(owner, ISSUER);
    assertThat(process().acquireLease(owner, ISSUER, NOW.plusSeconds(31), NOW.plusSeconds(60))).isTrue();
  }
}
