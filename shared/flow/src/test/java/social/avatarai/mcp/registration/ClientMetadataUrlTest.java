package social.avatarai.mcp.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.IssuerContext;

class ClientMetadataUrlTest {
  private static final IssuerContext CONTEXT = IssuerContext.of(Examples.ISSUER);

  @Test
  void isOneAddressForAllIssuersWithoutContext() {
    var url = new ClientMetadataUrl("https://www.example/client.json");

    assertThat(url.isFixed()).isTrue();
    assertThat(url.of(CONTEXT).value()).isEqualTo("https://www.example/client.json");
  }

  @ParameterizedTest
  @CsvSource({"https://www.example/{context}.json,https://www.example/%s.json",
      "https://www.example/a/{context}/client?v=1,https://www.example/a/%s/client?v=1"})
  void isAnAddressForEachIssuerWithContext(String template, String address) {
    var url = new ClientMetadataUrl(template);

    assertThat(url.isFixed()).isFalse();
    assertThat(url.of(CONTEXT).value()).isEqualTo(address.formatted(CONTEXT));
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://localhost/client.json", "http://www.example/client.json", "https://www.example",
      "https://www.example?{context}", "https://{context}.example/client.json", "https://www.example/c?i={context}",
      "https://www.example/{context}/{context}.json", "https://www.example/{issuer}.json",
      "https://www.example/{context",
      "https://www.example/a/../client.json", "https://www.example/./client.json", "https://www.example/c.json#top",
      "https://user@www.example/client.json", "client.json", "{context}"})
  void refusesWhatIsNoAddressOfADocument(String value) {
    assertThatThrownBy(() -> new ClientMetadataUrl(value)).isInstanceOf(IllegalArgumentException.class);
  }
}
