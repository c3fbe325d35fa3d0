package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.testkit.store.Samples.ISSUER;

import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.registration.ClientSecrets;
import social.avatarai.mcp.registration.Owner;

/** The contract of {@link ClientSecrets}. */
public abstract class ClientSecretsContract {
  private static final ClientId ONE = new ClientId("client one \"quoted\"");
  private static final ClientId TWO = new ClientId("client-two");

  private final Owner user = Owner.of(Samples.user());

  protected abstract ClientSecrets clientSecrets();

  private static ClientSecret secret() {
    return new ClientSecret("secret-\"\\-" + Unguessable.text());
  }

  @Test
  void findsNoSecretThatWasNotKept() {
    assertThat(clientSecrets().find(user, ISSUER, ONE)).isEmpty();
  }

  @Test
  void findsEachClientsOwn() {
    var one = secret();
    var two = secret();
    clientSecrets().keep(user, ISSUER, ONE, one);
    clientSecrets().keep(user, ISSUER, TWO, two);
    assertThat(clientSecrets().find(user, ISSUER, ONE)).contains(one);
    assertThat(clientSecrets().find(user, ISSUER, TWO)).contains(two);
  }

  @Test
  void findsTheLastOne() {
    clientSecrets().keep(user, ISSUER, ONE, secret());
    var last = secret();
    clientSecrets().keep(user, ISSUER, ONE, last);
    clientSecrets().keep(user, ISSUER, ONE, last);
    assertThat(clientSecrets().find(user, ISSUER, ONE)).contains(last);
  }

  @Test
  void findsNothingAtAnotherIssuerOrOfAnotherOwner() {
    clientSecrets().keep(user, ISSUER, ONE, secret());
    assertThat(clientSecrets().find(user, new Issuer("https://other.example"), ONE)).isEmpty();
    assertThat(clientSecrets().find(Owner.of(Samples.user()), ISSUER, ONE)).isEmpty();
    assertThat(clientSecrets().find(Owner.deployment(), ISSUER, ONE)).isEmpty();
  }

  @Test
  void forgetsOneClientsAndNoOther() {
    var two = secret();
    clientSecrets().keep(user, ISSUER, ONE, secret());
    clientSecrets().keep(user, ISSUER, TWO, two);
    clientSecrets().remove(user, ISSUER, ONE);
    clientSecrets().remove(user, ISSUER, ONE);
    assertThat(clientSecrets().find(user, ISSUER, ONE)).isEmpty();
    assertThat(clientSecrets().find(user, ISSUER, TWO)).contains(two);
  }

  @Test
  void keepsOneAgainWhenTheLastWasForgotten() {
    clientSecrets().remove(user, ISSUER, ONE);
    clientSecrets().keep(user, ISSUER, ONE, secret());
    clientSecrets().remove(user, ISSUER, ONE);
    var again = secret();
    clientSecrets().keep(user, ISSUER, ONE, again);
    assertThat(clientSecrets().find(user, ISSUER, ONE)).contains(again);
  }

  @Test
  void keepsFiftyOfAUserAtAnIssuerAndNoMore() {
    for (int i = 0; i < ClientSecrets.MAX_PER_USER; i++)
      clientSecrets().keep(user, ISSUER, new ClientId("client-" + i), secret());
    assertThatThrownBy(() -> clientSecrets().keep(user, ISSUER, ONE, secret())).isInstanceOf(Failure.BadRequest.class);
    assertThat(clientSecrets().find(user, ISSUER, ONE)).isEmpty();
    var replaced = secret();
    clientSecrets().keep(user, ISSUER, new ClientId("client-7"), replaced);
    assertThat(clientSecrets().find(user, ISSUER, new ClientId("client-7"))).contains(replaced);
    clientSecrets().keep(user, new Issuer("https://other.example"), ONE, replaced);
    clientSecrets().remove(user, ISSUER, new ClientId("client-7"));
    clientSecrets().keep(user, ISSUER, ONE, replaced);
    assertThat(clientSecrets().find(user, ISSUER, ONE)).contains(replaced);
  }

  @Test
  void theDeploymentHasNoSuchLimit() {
    var issuer = new Issuer("https://" + Unguessable.text().replaceAll("[^a-z0-9]", "") + ".example");
    for (int i = 0; i <= ClientSecrets.MAX_PER_USER; i++)
      clientSecrets().keep(Owner.deployment(), issuer, new ClientId("client-" + i), secret());
    assertThat(clientSecrets().find(Owner.deployment(), issuer, new ClientId("client-50"))).isPresent();
  }

  @Test
  void findsTheDeploymentsLastOneAtOnce() {
    var issuer = new Issuer("https://" + Unguessable.text().replaceAll("[^a-z0-9]", "") + ".example");
    assertThat(clientSecrets().find(Owner.deployment(), issuer, ONE)).isEmpty();
    var first = secret();
    clientSecrets().keep(Owner.deployment(), issuer, ONE, first);
    assertThat(clientSecrets().find(Owner.deployment(), issuer, ONE)).contains(first);
    var last = secret();
    clientSecrets().keep(Owner.deployment(), issuer, ONE, last);
    assertThat(clientSecrets().find(Owner.deployment(), issuer, ONE)).contains(last);
  }
}
