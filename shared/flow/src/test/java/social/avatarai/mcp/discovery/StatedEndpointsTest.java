package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;

class StatedEndpointsTest {
  private static final String ISSUER = "https://as.example";
  private static final Issuer PLACE = place(ISSUER, "https://as.example/token", "https://as.example/revoke");

  private static Issuer place(String issuer, String token, @Nullable String revocation) {
    return new StatedEndpoints(new EndpointUrl("https://as.example/authorize"), new EndpointUrl(token),
        revocation == null ? null : new EndpointUrl(revocation), " ").registeredAt(new Issuer(issuer));
  }

  @ParameterizedTest
  @CsvSource({"https://other.example,https://as.example/token,https://as.example/revoke",
      "https://as.example,https://thief.example/token,https://as.example/revoke",
      "https://as.example,https://as.example/token,https://thief.example/revoke",
      "https://as.example,https://as.example/token,", "https://as.example,https://as.example/revoke,"})
  void otherEndpointsAreAnotherPlace(String issuer, String token, @Nullable String revocation) {
    assertThat(place(issuer, token, revocation)).isNotEqualTo(PLACE);
  }

  @Test
  void bothSpellingsOfTheIssuerAreOnePlace() {
    assertThat(place(ISSUER + "/", "https://as.example/token", "https://as.example/revoke")).isEqualTo(PLACE);
  }

  @Test
  void noServerIsSuchAPlaceAndALongIssuerHasOne() {
    var ofLong = place(ISSUER + "/" + "p".repeat(EndpointUrl.MAX_LENGTH - ISSUER.length() - 1),
        "https://as.example/token", null);
    assertThat(ofLong.url().host()).isEqualTo(PLACE.url().host()).endsWith(".invalid");
  }
}
