package social.avatarai.mcp.aws.dynamodb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.testkit.store.ResourceLookUpContract;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Grants;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

class DynamoDbResourceLookUpTest extends ResourceLookUpContract {
  private final Grants grants = new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER);

  @Override
  protected Grants grants() {
    return grants;
  }

  private Map<String, AttributeValue> stored(Grant grant) {
    grants.store(grant);
    return Stores.raw(Stores.TABLES.tokens(), GrantItem.key(grant.key()));
  }

  /** DynamoDB refuses the whole write when the key is longer. Not every emulator does. */
  @Test
  void keyOfTheLongestResourceFitsTheIndex() {
    var like = Samples.grant(new ConnectionKey(new UserId("u".repeat(UserId.MAX_LENGTH)), new ConnectionId("longest")));
    String longest = "https://h.example/" + "a".repeat(ResourceUri.MAX_LENGTH - 18);
    var target = new GrantTarget(like.target().issuer(), like.target().tokenEndpoint(), new ResourceUri(longest),
        new EndpointUrl(longest));
    var item = stored(new Grant(like.key(), like.id(), 1, target, like.client(), like.tokens(), like.state(),
        like.warnings(), like.protocol()));
    var key = Objects.requireNonNull(item.get(Tables.RESOURCE_KEY)).s();
    assertThat(key.getBytes(UTF_8)).hasSize(ResourceKey.MAX_BYTES);
    assertThat(longest).startsWith(key);
  }

  /** A lease has no resource, and a replaced refresh token is no grant, whatever its row contains. */
  @ParameterizedTest
  @ValueSource(strings = {"lease#invented-server", "old#invented-server#invented-grant"})
  void rowBesideAGrantIsNoGrant(String sort) {
    var grant = Samples.grant(Samples.key());
    var client = Samples.client("client-1", Owner.of(grant.key().user()));
    var beside = new HashMap<>(stored(new Grant(grant.key(), grant.id(), 1, grant.target(), client, grant.tokens(),
        grant.state(), grant.warnings(), null)));
    beside.put(Tables.SORT, Values.text(sort));
    Stores.put(Stores.TABLES.tokens(), beside);
    assertThat(grants.delete(grant)).isTrue();

    var user = grant.key().user();
    assertThat(grants.covering(user, grant.target().serverUrl()).grants()).isEmpty();
    assertThat(grants.connections(user)).isEmpty();
    assertThat(grants.isNamed(user, grant.target().issuer(), client.id())).as("a kept token needs its client")
        .isEqualTo(sort.startsWith("old#"));
    assertThat(grants.findByRefreshToken(user, Objects.requireNonNull(grant.tokens().refreshToken()))).isEmpty();
  }
}
