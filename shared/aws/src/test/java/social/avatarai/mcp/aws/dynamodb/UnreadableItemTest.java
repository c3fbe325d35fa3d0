package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.testkit.store.Samples;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** An item that does not fit is refused, not guessed at. */
class UnreadableItemTest {
  private final DynamoDbGrants grants = new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER);

  private Failure.Misconfigured readingWith(String attribute, AttributeValue value) {
    var grant = Samples.grant();
    grants.store(grant);
    var item = new HashMap<>(Stores.raw(Stores.TABLES.tokens(), GrantItem.key(grant.key())));
    if (value.nul() == null) item.put(attribute, value);
    else
      item.remove(attribute);
    Stores.put(Stores.TABLES.tokens(), item);
    var failure = new Failure.Misconfigured[1];
    assertThatThrownBy(() -> grants.read(grant.key())).isInstanceOfSatisfying(Failure.Misconfigured.class,
        thrown -> failure[0] = thrown);
    return failure[0];
  }

  @ParameterizedTest
  @CsvSource({"grant", "version", "issuer", "tokenEndpoint", "resource", "clientOwner", "clientOrigin", "clientMethod",
      "accessToken", "scope", "obtainedAtMillis", "status", "failures", "lastUsedMillis", "dueMinute"})
  void failsWithoutARequiredAttribute(String attribute) {
    assertThat(readingWith(attribute, AttributeValue.fromNul(true)).detail()).contains("tokens", attribute);
  }

  @ParameterizedTest
  @CsvSource({"accessToken", "obtainedAtMillis", "expiresAtMillis", "warnings", "refreshToken", "notBeforeMillis"})
  void failsOnAnAttributeOfAnotherType(String attribute) {
    assertThat(readingWith(attribute, AttributeValue.fromS("text")).detail()).contains("tokens", attribute);
  }

  @ParameterizedTest
  @CsvSource({"status,SLEEPING", "clientMethod,telepathy", "resource,nonsense", "issuer,http://evil.example"})
  void failsOnAValueThatMeansNothingAndDoesNotRepeatIt(String attribute, String value) {
    var failure = readingWith(attribute, AttributeValue.fromS(value));
    assertThat(failure.detail()).contains("tokens");
    assertThat(failure.safeMessage() + failure.detail()).doesNotContain(value);
  }

  @Test
  void failsOnAListOfOtherWords() {
    var warnings = AttributeValue.fromL(List.of(AttributeValue.fromS("OMINOUS")));
    assertThat(readingWith("warnings", warnings).detail()).contains("warnings");
  }

  @Test
  void failsOnACountOutOfRange() {
    assertThat(readingWith("failures", AttributeValue.fromN("3000000000")).detail()).contains("failures");
  }
}
