package social.avatarai.mcp.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.discovery.AccountSource;
import social.avatarai.mcp.discovery.AccountSource.Kind;
import social.avatarai.mcp.http.Json;

class AccountReaderTest {
  private static final Issuer ISSUER = new Issuer("https://as.example");
  private static final ClientId CLIENT = new ClientId("client-1");
  private static final long NOW = Examples.NOW.getEpochSecond();

  private static AccountReader reader(@Nullable AccountSource source) {
    return new AccountReader(ISSUER, CLIENT, source, Examples.NOW);
  }

  private static ObjectNode response(Consumer<ObjectNode> change) {
    var claims = Json.newObject().put("iss", ISSUER.value()).put("sub", "alice").put("aud", CLIENT.value())
        .put("exp", NOW + 600).put("iat", NOW);
    change.accept(claims);
    String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(claims.toString().getBytes(UTF_8));
    return Json.newObject().put("id_token", "e30." + encoded + ".c2ln");
  }

  private static @Nullable Identity named(Consumer<ObjectNode> change) {
    return reader(null).named(response(change)).account();
  }

  private static @Nullable String fault(Consumer<ObjectNode> change) {
    var found = reader(null).named(response(change));
    assertThat(found.account() == null).isEqualTo(found.fault() != null);
    return found.fault();
  }

  private static AccountSource source(Kind kind, @Nullable String url, String label, String... id) {
    return new AccountSource(kind, url == null ? null : new EndpointUrl(url),
        List.of(id).stream().map(JsonPointer::compile).toList(),
        List.of(label.split(" ")).stream().map(JsonPointer::compile).toList());
  }

  @Test
  void readsTheSubjectOfAnIdTokenThatIsForThisClientNow() {
    assertThat(named(_ -> {})).isEqualTo(new Identity(ISSUER.value(), "alice"));
    assertThat(named(claims -> claims.putArray("aud").add(CLIENT.value()))).isNotNull();
    assertThat(named(claims -> claims.put("azp", CLIENT.value()).put("nonce", "").put("exp", NOW - 59))).isNotNull();
  }

  /** OpenID Connect Core §3.1.3.7. */
  @Test
  void readsNoIdTokenThatIsForAnother() {
    assertThat(fault(claims -> claims.put("iss", "https://as.example/"))).isEqualTo("iss");
    assertThat(fault(claims -> claims.remove("iss"))).isEqualTo("iss");
    assertThat(fault(claims -> claims.put("aud", "client-2"))).isEqualTo("aud");
    assertThat(fault(claims -> claims.remove("aud"))).isEqualTo("aud");
    assertThat(fault(claims -> claims.putArray("aud").add(CLIENT.value()).add("client-2"))).isEqualTo("aud");
    assertThat(fault(claims -> claims.put("azp", "client-2"))).isEqualTo("azp");
    assertThat(fault(claims -> claims.put("exp", NOW - 60))).isEqualTo("exp");
    assertThat(fault(claims -> claims.put("exp", "tomorrow"))).isEqualTo("exp");
    assertThat(fault(claims -> claims.remove("exp"))).isEqualTo("exp");
  }

  /** We send no nonce, so an ID token with one is the response to another request. */
  @Test
  void readsNoIdTokenWithANonceThatWasNotSent() {
    assertThat(fault(claims -> claims.put("nonce", "n-1"))).isEqualTo("nonce");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "one", "one.two", "e30.!!!.c2ln", "e30.e30.c2ln.more", "e30.W10.c2ln"})
  void whatIsNoIdTokenNamesNobody(String token) {
    var found = reader(null).named(Json.newObject().put("id_token", token));
    assertThat(found.account()).isNull();
    assertThat(found.fault()).isNull();
  }

  @Test
  void idTokenOfARefreshIsComparedWhateverItsOtherClaimsAre() {
    var known = new Identity(ISSUER.value(), "alice");
    var other = response(claims -> claims.put("iss", "https://other.example").put("sub", "bob").put("exp", 1));
    assertThat(Identity.differ(known, reader(null).named(other, known).account())).isTrue();
    assertThat(reader(null).named(other, null).account()).isNull();
  }

  @Test
  void subjectOfAnIdTokenIsComparedWhateverTheProfileReads() {
    var known = new Identity(ISSUER.value(), "alice");
    var bob = response(claims -> claims.put("sub", "bob"));
    for (var source : List.of(source(Kind.USERINFO, "https://as.example/userinfo", "/name", "/sub"),
        source(Kind.USERINFO, "https://api.example/user", "/login", "/id"),
        source(Kind.TOKEN_RESPONSE, null, "/name", "/id"), source(Kind.ID_TOKEN, null, "/name", "/tid", "/oid"))) {
      assertThat(Identity.differ(known, reader(source).named(bob, known).account())).as("%s", source).isTrue();
      assertThat(reader(source).named(response(_ -> {}), known).account()).isNull();
    }
  }

  @Test
  void labelIsTheFirstClaimThatPeopleKnowThemselvesBy() {
    assertThat(label(claims -> claims.put("name", "Alice"))).isEqualTo("Alice");
    assertThat(label(claims -> claims.put("name", "Alice").put("preferred_username", "al"))).isEqualTo("al");
    assertThat(label(claims -> claims.put("name", "Alice").put("email", "alice@example.com")))
        .isEqualTo("alice@example.com");
    assertThat(label(claims -> claims.put("email", 17).put("name", " "))).isNull();
  }

  private static @Nullable String label(Consumer<ObjectNode> change) {
    return Objects.requireNonNull(named(change)).label();
  }

  /** A label is foreign text that stands on a page beside others. */
  @Test
  void labelHasNothingThatHidesOrTurnsTheTextAroundIt() {
    assertThat(label(claims -> claims.put("name", "al\u202eecila\u0000\n\u200b!"))).isEqualTo("alecila!");
    assertThat(label(claims -> claims.put("name", "\u202e\u200b"))).isNull();
    assertThat(label(claims -> claims.put("name", "x".repeat(99) + "\ud83d\ude00"))).isEqualTo("x".repeat(99));
    assertThat(label(claims -> claims.put("name", "\u660e".repeat(200)))).hasSize(AccountReader.MAX_LABEL_LENGTH);
  }

  @Test
  void identifierThatIsTooLongOrHiddenNamesNobody() {
    assertThat(named(claims -> claims.put("sub", "x".repeat(255)))).isNotNull();
    assertThat(named(claims -> claims.put("sub", "x".repeat(256)))).isNull();
    assertThat(named(claims -> claims.put("sub", "ali\u200bce"))).isNull();
    assertThat(named(claims -> claims.put("sub", " "))).isNull();
    assertThat(named(claims -> claims.put("sub", true))).isNull();
  }

  @Test
  void profileNamesTheMembersOfTheTokenResponse() {
    var notion = source(Kind.TOKEN_RESPONSE, null, "/owner/user/name", "/owner/user/id");
    var response = response(_ -> {});
    response.putObject("owner").putObject("user").put("id", "u-1").put("name", "Alice");
    assertThat(reader(notion).named(response).account())
        .isEqualTo(new Identity(ISSUER.value(), "u-1", "Alice", "/owner/user/id"));
    assertThat(reader(notion).named(response(_ -> {})).account()).isNull();
  }

  /** Two people in one workspace, and one person in two workspaces, are to be told apart by who decides. */
  @Test
  void membersTogetherAreOneLabelInWhichNoneHidesAnother() {
    var notion = source(Kind.TOKEN_RESPONSE, null, "/workspace_name /owner/user/name", "/owner/user/id");
    var response = response(_ -> {}).put("workspace_name", "Acme");
    var user = response.putObject("owner").putObject("user").put("id", "u-1").put("name", "Alice");
    assertThat(labelOf(notion, response)).isEqualTo("Acme, Alice");
    response.put("workspace_name", "x".repeat(200));
    assertThat(labelOf(notion, response)).isEqualTo("x".repeat(49) + ", Alice");
    response.putNull("workspace_name");
    assertThat(labelOf(notion, response)).isEqualTo("Alice");
    user.remove("name");
    assertThat(labelOf(notion, response)).isNull();
  }

  private static @Nullable String labelOf(AccountSource source, ObjectNode response) {
    return Objects.requireNonNull(reader(source).named(response).account()).label();
  }

  @Test
  void membersTogetherAreOneIdentifierThatNoOtherPairHas() {
    var entra = source(Kind.ID_TOKEN, null, "/name", "/tid", "/oid");
    var one = reader(entra).named(response(claims -> claims.put("tid", "a:b").put("oid", "c"))).account();
    var other = reader(entra).named(response(claims -> claims.put("tid", "a").put("oid", "b:c"))).account();
    assertThat(Objects.requireNonNull(one).subject()).isEqualTo("a%3Ab:c");
    assertThat(Identity.differ(one, other)).isTrue();
    assertThat(reader(entra).named(response(claims -> claims.put("tid", "a"))).account()).isNull();
    assertThat(reader(entra).named(response(claims -> claims.put("tid", "a").put("oid", "b").put("aud", "x"))).fault())
        .isEqualTo("aud");
  }

  @ParameterizedTest
  @CsvSource({"17,17", "9007199254740993,9007199254740993"})
  void identifierMayBeANumber(long id, String text) {
    var github = source(Kind.USERINFO, "https://api.example/user", "/login", "/id");
    assertThat(reader(github).asked(Json.newObject().put("id", id).put("login", "alice")))
        .contains(new Identity(ISSUER.value(), text, "alice", "/id"));
    assertThat(reader(github).named(response(_ -> {})).account()).isNull();
  }
}
