package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.bytes;
import static social.avatarai.mcp.aws.dynamodb.Values.key;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.Optional;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.registration.ClientSecrets;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.vault.TokenCipher;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Client secrets in DynamoDB, sealed like tokens. Each secret has its own item beside its registration, so that writing
 * one never touches the other.
 */
public final class DynamoDbClientSecrets implements ClientSecrets {
  private final Table table;
  private final TokenCipher cipher;

  public DynamoDbClientSecrets(DynamoDbClient client, Tables tables, TokenCipher cipher) {
    this.table = new Table(client, tables.registrations());
    this.cipher = cipher;
  }

  @Override
  public Optional<ClientSecret> find(Owner owner, Issuer issuer, ClientId clientId) {
    return table.get(key(owner.key(), RegistrationItem.secret(issuer, clientId)))
        .map(item -> ItemReader.map(RegistrationItem.TABLE, item, row -> new ClientSecret(
            cipher.open(row.bytes(RegistrationItem.SEALED),
                RegistrationItem.place(owner, issuer, clientId, RegistrationItem.SECRET),
                RegistrationItem.secretOf(issuer)))));
  }

  @Override
  public void keep(Owner owner, Issuer issuer, ClientId clientId, ClientSecret secret) {
    var others = Condition.range(owner.key(), RegistrationItem.secretPrefix(issuer));
    var mine = text(RegistrationItem.secret(issuer, clientId));
    ClientSecrets.requireRoom(owner, (int) table.query(others).stream()
        .filter(item -> !mine.equals(item.get(Tables.SORT))).count());
    table.put(Values.of(owner.key(), RegistrationItem.secret(issuer, clientId)).with("issuer", text(issuer.value()))
        .with("clientId", text(clientId.value()))
        .with(RegistrationItem.SEALED,
            bytes(
                cipher.seal(secret.reveal(), RegistrationItem.place(owner, issuer, clientId, RegistrationItem.SECRET),
                    RegistrationItem.secretOf(issuer))))
        .toMap());
  }

  @Override
  public void remove(Owner owner, Issuer issuer, ClientId clientId) {
    table.delete(key(owner.key(), RegistrationItem.secret(issuer, clientId)), Condition.present());
  }
}
