package social.avatarai.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IssuerTest {

  /** RFC 9207 §2.4 demands simple string comparison. */
  @ParameterizedTest
  @ValueSource(strings = {"https://as.example/", "https://AS.example", "https://as.example:443", "https://as.example/a",
      "HTTPS://as.example"})
  void isAnotherIssuerWhenWrittenAnotherWay(String other) {
    assertThat(new Issuer(other)).isNotEqualTo(new Issuer("https://as.example"));
    assertThat(IssuerContext.of(new Issuer(other))).isNotEqualTo(IssuerContext.of(new Issuer("https://as.example")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://as.example?", "https://as.example/?a=b", "https://as.example/#", "as.example",
      "http://as.example", "https://user@as.example", ""})
  void rejectsWhatIsNoIssuer(String value) {
    assertThatThrownBy(() -> new Issuer(value)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void hasAnotherSpellingWithOneSlashMoreOrLess() {
    var bare = new Issuer("https://as.example");
    assertThat(bare.otherSpelling()).isEqualTo(new Issuer("https://as.example/"));
    assertThat(bare.means(bare.otherSpelling())).isTrue();
    assertThat(bare.otherSpelling().means(bare)).isTrue();
    assertThat(bare.means(new Issuer("https://as.example/a"))).isFalse();
  }

  /** The bug: such an issuer failed wherever both spellings are looked for, also when its user was forgotten. */
  @Test
  void hasOneSpellingIfTheOtherOneWouldBeTooLong() {
    var longest = new Issuer("https://as.example/" + "a".repeat(EndpointUrl.MAX_LENGTH - 19));
    assertThat(longest.means(longest)).isTrue();
    assertThat(longest.means(new Issuer("https://as.example"))).isFalse();
    assertThat(longest.spellings()).containsOnly(longest);
  }

  @Test
  void saysWhoseFaultABadIssuerIs() {
    assertThat(catchThrowableOfType(Failure.BadRequest.class, () -> Issuer.ofParameter("auth_server_url", "x")).code())
        .isEqualTo(ErrorCode.INVALID_URL);
    assertThat(catchThrowableOfType(Failure.ProtocolBroken.class, () -> Issuer.ofDocument("issuer", "x")).code())
        .isEqualTo(ErrorCode.INVALID_METADATA);
  }
}
