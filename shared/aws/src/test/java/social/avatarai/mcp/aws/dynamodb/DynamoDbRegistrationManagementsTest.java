package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.RegistrationAccessToken;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.RegistrationManagement;
import social.avatarai.mcp.registration.RegistrationManagements;
import social.avatarai.mcp.testkit.store.RegistrationManagementsContract;
import social.avatarai.mcp.testkit.store.Samples;

class DynamoDbRegistrationManagementsTest extends RegistrationManagementsContract {
  private final RegistrationManagements managements = new DynamoDbRegistrationManagements(Stores.client(),
      Stores.TABLES, Stores.CIPHER);

  @Override
  protected RegistrationManagements managements() {
    return managements;
  }

  @Test
  void whatWasLeftBehindIsDeletedWithTheRest() {
    var user = Samples.user();
    var client = new ClientId("client-1");
    managements.keep(Owner.of(user), Samples.ISSUER, client, new RegistrationManagement(
        new EndpointUrl("https://as.example/register/client-1"), new RegistrationAccessToken("invented")));
    new DynamoDbRegistrations(Stores.client(), Stores.TABLES, Stores.CIPHER).deleteRest(user);
    assertThat(managements.find(Owner.of(user), Samples.ISSUER, client)).isEmpty();
  }
}
