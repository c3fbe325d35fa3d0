package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Scopes;

class ChallengeTest {
  private static final String METADATA = "https://mcp.example/.well-known/oauth-protected-resource/mcp";

  @Test
  void readsTheParametersOfABearerChallenge() {
    var challenge = read("Bearer realm=\"OAuth\", resource_metadata=\"" + METADATA + "\", error=\"invalid_token\"");

    assertThat(challenge.scheme()).isEqualTo("bearer");
    assertThat(challenge.parameters()).containsEntry("realm", List.of("OAuth"))
        .containsEntry("error", List.of("invalid_token"));
    assertThat(challenge.resourceMetadata()).containsExactly(METADATA);
  }

  @ParameterizedTest
  @ValueSource(strings = {
      // RFC 9110 §11.2: case-insensitive names, optional blanks around "="
      "bEaReR Resource_METADATA=\"" + METADATA + "\"", "Bearer resource_metadata = \"" + METADATA + "\"",
      "Bearer\tresource_metadata\t=\t\"" + METADATA + "\"", "  Bearer   resource_metadata=\"" + METADATA + "\"  ",
      // RFC 9110 §5.6.1: empty list elements
      ",, Bearer resource_metadata=\"" + METADATA + "\",,", "Bearer , resource_metadata=\"" + METADATA + "\"",
      // seen at real servers
      "Bearer resource_metadata='" + METADATA + "'", "Bearer resource_metadata=" + METADATA,
      "Bearer resource_metadata=" + METADATA + ", scope=a", "Bearer scope=a resource_metadata=\"" + METADATA + "\"",
      "Bearer realm=,resource_metadata=\"" + METADATA + "\""})
  void findsTheMetadataUrlHoweverItIsWritten(String line) {
    assertThat(read(line).resourceMetadata()).containsExactly(METADATA);
  }

  @Test
  void keepsTheEqualsSignsOfAnUnquotedUrl() {
    assertThat(read("Bearer resource_metadata=https://mcp.example/m?a=b&c=d, scope=x").resourceMetadata())
        .containsExactly("https://mcp.example/m?a=b&c=d");
  }

  @Test
  void undoesEscapes() {
    var challenge = read("Bearer realm=\"say \\\"hi\\\", \\\\ bye\", resource_metadata=\"" + METADATA + "\"");

    assertThat(challenge.parameters()).containsEntry("realm", List.of("say \"hi\", \\ bye"));
    assertThat(challenge.resourceMetadata()).containsExactly(METADATA);
  }

  @ParameterizedTest
  @ValueSource(strings = {"error_description=\"see resource_metadata=https://evil.example/m\"",
      "error_description=\"no, Bearer resource_metadata='https://evil.example/m', no\"",
      "error_description=\"a \\\", resource_metadata=\\\"https://evil.example/m\\\"\"",
      "error_description='it says \", resource_metadata=\"https://evil.example/m\"'"})
  void takesTextInsideADescriptionForNoParameter(String description) {
    var challenge = read("Bearer " + description + ", resource_metadata=\"" + METADATA + "\"");

    assertThat(challenge.resourceMetadata()).containsExactly(METADATA);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Negotiate, ", "NTLM,", "Negotiate YIIJ/+abc, ", "Negotiate YIIJabc==, ",
      "Basic realm=\"files\", charset=\"UTF-8\", ", "Digest realm=\"a\", nonce=\"b,c=d\", qop=\"auth, auth-int\","})
  void findsBearerBehindOtherSchemesOnTheSameLine(String others) {
    var challenge = read(others + "Bearer resource_metadata=\"" + METADATA + "\"");

    assertThat(challenge.scheme()).isEqualTo("bearer");
    assertThat(challenge.parameters()).containsOnlyKeys("resource_metadata");
  }

  @Test
  void findsBearerOnALaterLine() {
    assertThat(read("Negotiate", "Basic realm=\"files\"", "Bearer resource_metadata=\"" + METADATA + "\"")
        .resourceMetadata()).containsExactly(METADATA);
  }

  @Test
  void givesAParameterToTheSchemeItFollows() {
    var challenge = read("Bearer error=\"invalid_token\", Digest resource_metadata=\"https://evil.example/m\"");

    assertThat(challenge.resourceMetadata()).isEmpty();
  }

  @Test
  void takesTheFirstOfTwoBearerChallenges() {
    var challenge = read("Bearer realm=\"one\"", "Bearer realm=\"two\"");

    assertThat(challenge.parameters()).containsEntry("realm", List.of("one"));
  }

  @Test
  void takesDpopOnlyWhereThereIsNoBearer() {
    assertThat(read("DPoP algs=\"ES256\"").scheme()).isEqualTo("dpop");
    assertThat(read("DPoP algs=\"ES256\"", "Bearer realm=\"a\"").scheme()).isEqualTo("bearer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", ",", "=", "\"", "Basic realm=\"Bearer\"", "Negotiate",
      "resource_metadata=\"" + METADATA + "\""})
  void findsNoChallengeWhereThereIsNoBearer(String line) {
    assertThat(Challenge.answerable(List.of(line))).isEmpty();
  }

  /** The bug: every word without "=" was read as a scheme, at any position. */
  @ParameterizedTest
  @ValueSource(strings = {"realm=\"Bearer\"", "Negotiate Bearer", "Basic realm=\"a\" Bearer"})
  void findsASchemeOnlyAtTheBeginningOrBehindAComma(String line) {
    assertThat(Challenge.answerable(List.of(line))).isEmpty();
  }

  /** The same bug: the words of an unquoted description ended the challenge. */
  @ParameterizedTest
  @ValueSource(strings = {"error_description=The access token expired", "error_description=\"The \"token\" expired\"",
      "error_description='It's expired'"})
  void findsTheMetadataUrlBehindADescriptionThatShouldHaveBeenQuoted(String description) {
    assertThat(read("Bearer " + description + ", resource_metadata=\"" + METADATA + "\"").resourceMetadata())
        .containsExactly(METADATA);
  }

  @Test
  void findsNothingWithoutAHeader() {
    assertThat(Challenge.answerable(List.of())).isEmpty();
  }

  @Test
  void namesARepeatedMetadataUrlOnceAndDifferentOnesInOrder() {
    assertThat(read("Bearer resource_metadata=\"https://a.example/1\", resource_metadata=\"https://a.example/2\", "
        + "resource_metadata=\"https://a.example/1\"").resourceMetadata()).containsExactly("https://a.example/1",
            "https://a.example/2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer realm=\"never closed", "Bearer realm=\"never closed\\", "Bearer realm='",
      "Bearer realm",
      "Bearer realm="})
  void endsAnOpenValueWithTheLine(String line) {
    assertThat(read(line).resourceMetadata()).isEmpty();
  }

  @Test
  void namesTheScopesAskedFor() {
    assertThat(read("Bearer scope=\" files:read  files:write \"").scope())
        .isEqualTo(new Scopes(List.of("files:read", "files:write")));
    assertThat(read("Bearer scope=\"\"").scope()).isEqualTo(Scopes.none());
    assertThat(read("Bearer realm=\"a\"").scope()).isEqualTo(Scopes.none());
  }

  @Test
  void keepsTheGoodScopesBesideABadOne() {
    assertThat(read("Bearer scope=\"read ä \\\"quoted\\\" write\"").scope().values()).containsExactly("read", "write");
  }

  @Test
  void takesNoMoreScopesThanAServerMayAskFor() {
    String many = IntStream.range(0, Scopes.MAX_TOKENS + 50).mapToObj(i -> "s" + i).collect(Collectors.joining(" "));

    assertThat(read("Bearer scope=\"" + many + "\"").scope().values()).hasSize(Scopes.MAX_TOKENS);
  }

  @Test
  void knowsAStepUpByItsErrorWordAlone() {
    assertThat(read("Bearer error=\"insufficient_scope\", scope=\"a\"").isInsufficientScope()).isTrue();
    assertThat(read("Bearer error=insufficient_scope").isInsufficientScope()).isTrue();
    assertThat(read("Bearer error=\"invalid_token\", error_description=\"insufficient_scope\"").isInsufficientScope())
        .isFalse();
  }

  private static Challenge read(String... lines) {
    return Challenge.answerable(List.of(lines)).orElseThrow();
  }
}
