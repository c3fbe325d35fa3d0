package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.testkit.store.ReplacedTokensContract;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.ReplacedTokens;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

class DynamoDbReplacedTokensTest extends ReplacedTokensContract {
  private final DynamoDbReplacedTokens tokens = new DynamoDbReplacedTokens(Stores.client(), Stores.TABLES,
      Stores.CIPHER);
  private final Grants grants = new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER);

  @Override
  protected ReplacedTokens tokens() {
    return tokens;
  }

  @Override
  protected Grants grants() {
    return grants;
  }

  @Test
  void oneThatCannotBeOpenedHasNoRefreshTokenAndKeepsNoOtherFromBeingFound() {
    var broken = Samples.replacedToken(Samples.key(), 2);
    var sound = Samples.replacedToken(broken.connection(), 1);
    tokens.keep(broken);
    tokens.keep(sound);
    var item = new HashMap<>(Stores.raw(Stores.TABLES.tokens(), ReplacedTokenItem.key(broken)));
    item.put(ReplacedTokenItem.SEALED, AttributeValue.fromB(SdkBytes.fromUtf8String("garbage")));
    Stores.put(Stores.TABLES.tokens(), item);
    var found = tokens.of(broken.connection());
    assertThat(found).hasSize(2);
    assertThat(found.getFirst().token()).isNull();
    assertThat(found.getLast()).isEqualTo(sound);
    tokens.forget(found.getFirst());
    assertThat(tokens.of(broken.connection())).containsExactly(sound);
  }
}
