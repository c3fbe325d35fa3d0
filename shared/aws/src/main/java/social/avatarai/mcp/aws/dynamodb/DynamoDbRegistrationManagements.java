package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.bytes;
import static social.avatarai.mcp.aws.dynamodb.Values.key;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.Optional;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RegistrationAccessToken;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.RegistrationManagement;
import social.avatarai.mcp.registration.RegistrationManagements;
import social.avatarai.mcp.vault.TokenCipher;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Registration access tokens in DynamoDB, sealed, each in its own item beside its registration. A token is read only to
 * delete the registration.
 */
public final class DynamoDbRegistrationManagements implements RegistrationManagements {
  private final Table table;
  private final TokenCipher cipher;

  public DynamoDbRegistrationManagements(DynamoDbClient client, Tables tables, TokenCipher cipher) {
    this.table = new Table(client, tables.registrations());
    this.cipher = cipher;
  }

  @Override
  public Optional<RegistrationManagement> find(Owner owner, Issuer issuer, ClientId clientId) {
    return table.get(key(owner.key(), RegistrationItem.management(issuer, clientId)))
        .map(item -> ItemReader.map(RegistrationItem.TABLE, item, row -> {
          var url = new EndpointUrl(row.text("url"));
          return new RegistrationManagement(url, new RegistrationAccessToken(
              cipher.open(row.bytes(RegistrationItem.SEALED),
                  RegistrationItem.place(owner, issuer, clientId, RegistrationItem.TOKEN),
                  RegistrationItem.management(url))));
        }));
  }

  @Override
  public void keep(Owner owner, Issuer issuer, ClientId clientId, RegistrationManagement management) {
    var place = RegistrationItem.place(owner, issuer, clientId, RegistrationItem.TOKEN);
    table.put(Values.of(owner.key(), RegistrationItem.management(issuer, clientId))
        .with("issuer", text(issuer.value())).with("clientId", text(clientId.value()))
        .with("url", text(management.url().value()))
        .with(RegistrationItem.SEALED, bytes(
            cipher.seal(management.token().reveal(), place, RegistrationItem.management(management.url()))))
        .toMap());
  }

  @Override
  public void remove(Owner owner, Issuer issuer, ClientId clientId) {
    table.delete(key(owner.key(), RegistrationItem.management(issuer, clientId)),
        Condition.present());
  }
}
