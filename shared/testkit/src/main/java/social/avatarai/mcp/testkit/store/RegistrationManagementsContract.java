package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.ISSUER;

import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RegistrationAccessToken;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.RegistrationManagement;
import social.avatarai.mcp.registration.RegistrationManagements;

/** The contract of {@link RegistrationManagements}. */
public abstract class RegistrationManagementsContract {
  private static final ClientId CLIENT = new ClientId("client-1");

  private final Owner user = Owner.of(Samples.user());

  protected abstract RegistrationManagements managements();

  private static RegistrationManagement management() {
    return new RegistrationManagement(new EndpointUrl("https://as.example/register/client-1"),
        new RegistrationAccessToken("invented-" + Unguessable.text()));
  }

  @Test
  void findsTheLastThatWasKeptForThisClientAlone() {
    assertThat(managements().find(user, ISSUER, CLIENT)).isEmpty();
    managements().keep(user, ISSUER, CLIENT, management());
    var last = management();
    managements().keep(user, ISSUER, CLIENT, last);
    assertThat(managements().find(user, ISSUER, CLIENT)).contains(last);
    assertThat(managements().find(user, ISSUER, new ClientId("client-2"))).isEmpty();
    assertThat(managements().find(user, new Issuer("https://other.example"), CLIENT)).isEmpty();
    assertThat(managements().find(Owner.of(Samples.user()), ISSUER, CLIENT)).isEmpty();
  }

  @Test
  void removesOneAndNoOther() {
    var other = management();
    managements().keep(user, ISSUER, CLIENT, management());
    managements().keep(user, ISSUER, new ClientId("client-2"), other);
    managements().remove(user, ISSUER, CLIENT);
    managements().remove(user, ISSUER, CLIENT);
    assertThat(managements().find(user, ISSUER, CLIENT)).isEmpty();
    assertThat(managements().find(user, ISSUER, new ClientId("client-2"))).contains(other);
  }
}
