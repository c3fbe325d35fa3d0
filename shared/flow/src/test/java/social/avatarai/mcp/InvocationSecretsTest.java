package social.avatarai.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.OutboundRequest;

class InvocationSecretsTest {
  private static final String TOKEN = "ya29.a0Af_B+yD/9xQ~7hT-mK2==";
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final Journal journal = new Journal(new PrintStream(log, true, UTF_8), Clock.systemUTC());

  private static <T> T invoking(Callable<T> invocation) {
    try {
      return Journal.withRequestId("request", invocation);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static String scrubbed(String text, Secret... secrets) {
    return invoking(() -> {
      for (var secret : secrets)
        assertThat(secret.reveal()).isNotEmpty();
      return InvocationSecrets.scrub(text);
    });
  }

  private String logged(String detail, Secret... secrets) {
    return invoking(() -> {
      for (var secret : secrets)
        assertThat(secret.reveal()).isNotEmpty();
      journal.write("event", Map.of("detail", detail));
      return Json.object(log.toString(UTF_8).getBytes(UTF_8)).orElseThrow().path("detail").asText();
    });
  }

  private static JsonNode json(String text) {
    return Json.value(text.replace('\'', '"').getBytes(UTF_8)).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "Bearer %s is wrong", "twice: %1$s%1$s", "\\%s", "100%%%s", "%%%s%%"})
  void takesASecretOut(String text) {
    String clean = scrubbed(text.formatted(TOKEN), new AccessToken(TOKEN));
    assertThat(clean).contains("[token]").doesNotContain(TOKEN).doesNotContain("7hT-mK2");
  }

  @Test
  void secretsOfAPartCountInThePartAndAfterItAndNotInThePartsBesideIt() {
    String text = "said " + TOKEN;
    var seen = invoking(() -> List.of(
        InvocationSecrets.apart(() -> new AccessToken(TOKEN).reveal().isEmpty() ? "" : InvocationSecrets.scrub(text)),
        InvocationSecrets.apart(() -> InvocationSecrets.scrub(text)), InvocationSecrets.scrub(text),
        InvocationSecrets.scrubbedJson(Json.newObject().put("text", text))));
    assertThat(seen).containsExactly("said [token]", text, "said [token]", "{\"text\":\"said [token]\"}");
  }

  @Test
  void partAlsoKnowsTheSecretsOfTheWholeInvocation() {
    String clean = invoking(() -> {
      assertThat(new AccessToken(TOKEN).reveal()).isNotEmpty();
      return InvocationSecrets.apart(() -> InvocationSecrets.scrub(TOKEN));
    });
    assertThat(clean).isEqualTo("[token]");
  }

  @Test
  void leavesTheRestOfTheTextAsItIs() {
    assertThat(scrubbed("a%20b \\n " + TOKEN + " ü 😀", new AccessToken(TOKEN))).isEqualTo("a%20b \\n [token] ü 😀");
    String text = "no token: " + TOKEN.substring(1);
    assertThat(scrubbed(text, new AccessToken(TOKEN))).isSameAs(text);
  }

  /** JSON inside of a JSON string is how most tools answer. */
  @ParameterizedTest
  @ValueSource(strings = {"ya29.a0Af_B%2ByD%2F9xQ%7E7hT-mK2%3D%3D", "ya29.a0Af_B%2byD%2f9xQ~7hT-mK2%3d%3d",
      "ya29.a0Af_B+yD\\/9xQ~7hT-mK2==", "ya29.a0Af_B\\u002byD/9xQ~7hT-mK2\\u003d\\u003D"})
  void findsASecretThatIsWrittenInTheUsualEncodings(String encoded) {
    assertThat(scrubbed("before " + encoded + " after", new AccessToken(TOKEN))).isEqualTo("before [token] after");
  }

  @Test
  void findsASecretThatLooksEncodedItself() {
    var token = new AccessToken("abc%2Fdef\\\"ghi%");
    for (String text : List.of(token.reveal(), OutboundRequest.formEncode(token.reveal())))
      assertThat(scrubbed("<" + text + ">", token)).isEqualTo("<[token]>");
  }

  @Test
  void takesTheLongestSecretOutFirst() {
    assertThat(scrubbed("12345678.abcdefgh", new AccessToken("12345678"), new RefreshToken("12345678.abcdefgh")))
        .isEqualTo("[token]");
  }

  /** Repetitive texts and secrets are the worst case of a search. The text is read once, whatever they are. */
  @Test
  void findsASecretInALargeTextThatIsAlmostMadeOfIt() {
    String secret = "a".repeat(4000) + "b" + "a".repeat(4000);
    String almost = "a".repeat(4_000_000);
    assertThat(scrubbed(almost + "b" + almost, new AccessToken(secret)))
        .isEqualTo("a".repeat(3_996_000) + "[token]" + "a".repeat(3_996_000));
  }

  /**
   * The bug: for each of the many short texts of a response, as much was computed as the secret is long. What was
   * computed was allocated too, and that can be counted.
   */
  @Test
  void manyTextsThatAreShorterThanTheSecretCostNoWorkOnTheSecret() {
    var token = new AccessToken("/".repeat(8190) + "ab");
    var texts = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < 5000; i++)
      texts.add("abababab");
    assertThat(allocated(() -> assertThat(token.reveal()).isNotEmpty(), texts)).isLessThan(20_000_000);
  }

  private static long allocated(Runnable secrets, JsonNode texts) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return invoking(() -> {
      secrets.run();
      long before = threads.getCurrentThreadAllocatedBytes();
      assertThat(InvocationSecrets.scrub(texts)).isEqualTo(texts);
      return threads.getCurrentThreadAllocatedBytes() - before;
    });
  }

  @Test
  void findsEverySecretOfRandomTextsAndChangesNothingElse() {
    var random = new Random(7);
    for (int round = 0; round < 2000; round++) {
      String secret = text(random, 8 + random.nextInt(6));
      String before = text(random, random.nextInt(12));
      String after = text(random, random.nextInt(12));
      String clean = scrubbed(before + secret + after, new AccessToken(secret));
      assertThat(clean).doesNotContain(secret).contains("[token]");
    }
  }

  /** Few different characters, so that beginnings of the secret repeat. */
  private static String text(Random random, int length) {
    return random.ints(length, 0, 6).mapToObj(i -> "ab%2\\/".substring(i, i + 1)).reduce("", String::concat);
  }

  @Test
  void takesSecretsOutOfMemberNamesAndTextsOfAnyDepthAndKeepsTheGivenTree() {
    var given = json("{'a':[1,true,null,'x 12345678'],'12345678':{'b':'12345678'},'n':12345678}");
    var clean = invoking(() -> {
      assertThat(new AccessToken("12345678").reveal()).isNotEmpty();
      return InvocationSecrets.scrub(given);
    });
    assertThat(clean).isEqualTo(json("{'a':[1,true,null,'x [token]'],'[token]':{'b':'[token]'},'n':12345678}"));
    assertThat(given).isEqualTo(json("{'a':[1,true,null,'x 12345678'],'12345678':{'b':'12345678'},'n':12345678}"));
  }

  @Test
  void leavesASecretAloneThatIsAsShortAsAWord() {
    assertThat(scrubbed("a session", new AccessToken("session"))).isEqualTo("a session");
  }

  @Test
  void knowsTheSecretsOfItsOwnInvocationOnly() {
    var token = new AccessToken("token-of-another");
    assertThat(scrubbed("token-of-another", token)).isEqualTo("[token]");
    assertThat(scrubbed("token-of-another")).isEqualTo("token-of-another");
    assertThat(InvocationSecrets.scrub("token-of-another")).isEqualTo("token-of-another");
  }

  @Test
  void partOfAnInvocationKnowsTheSecretsOfTheWholeButNotTheOtherWayRound() throws Exception {
    Journal.withRequestId("request", () -> {
      assertThat(new AccessToken("token-of-all").reveal()).isNotEmpty();
      String inPart = InvocationSecrets.during(() -> {
        assertThat(new AccessToken("token-of-part").reveal()).isNotEmpty();
        return InvocationSecrets.scrub("token-of-all token-of-part");
      });
      assertThat(inPart).isEqualTo("[token] [token]");
      return assertThat(InvocationSecrets.scrub("token-of-all token-of-part")).isEqualTo("[token] token-of-part");
    });
  }

  /** The bug: the stream of a session ran on a thread without the secrets of its request. */
  @Test
  void threadThatWorksForAnInvocationKnowsItsSecretsAndAddsToThem() {
    var clean = invoking(() -> {
      assertThat(new AccessToken("token-of-all").reveal()).isNotEmpty();
      var seen = new StringBuilder();
      Thread.ofVirtual().start(InvocationSecrets.bound(() -> {
        assertThat(new AccessToken("token-of-stream").reveal()).isNotEmpty();
        seen.append(InvocationSecrets.scrub("token-of-all"));
      })).join();
      return seen + InvocationSecrets.scrub(" token-of-stream");
    });
    assertThat(clean).isEqualTo("[token] [token]");
  }

  @Test
  void credentialOfAHeaderIsASecretToo() {
    var clean = invoking(() -> {
      var _ = OutboundRequest.document(new EndpointUrl("https://as.example/token")).with("authorization",
          "Basic Y2xpZW50OnNlY3JldA==");
      return InvocationSecrets.scrub("got Y2xpZW50OnNlY3JldA== and Y2xpZW50OnNlY3JldA%3D%3D");
    });
    assertThat(clean).isEqualTo("got [token] and [token]");
  }

  /** Some servers have tools that take the id of the session as a parameter. */
  @Test
  void sessionIdsMayBeInAResponseButNotInTheLog() {
    var session = new McpSessionId("session-0123456789");
    assertThat(scrubbed("session-0123456789", session)).isEqualTo("session-0123456789");
    assertThat(logged("session-0123456789", session)).isEqualTo("[token]");
  }

  @Test
  void scopesThatAnotherPartyNamesHoldNoSecret() {
    var scopes = invoking(() -> {
      assertThat(new AccessToken("12345678").reveal()).isNotEmpty();
      return Scopes.lenient(List.of("read", "x:12345678", "[token]", "write"));
    });
    assertThat(scopes).isEqualTo(Scopes.parse("read write"));
  }

  // The log

  @Test
  void logHasNoSecretAcrossThePlaceWhereATextIsCut() {
    String token = "A1b2C3d4E5f6G7h8I9j0K1l2M3n4";
    for (int before = 270; before <= 300; before++) {
      log.reset();
      assertThat(logged("-".repeat(before) + token, new AccessToken(token))).doesNotContain(token.substring(0, 4));
    }
  }

  @Test
  void logHasNoLargePartOfASecret() {
    String token = "A1b2C3d4E5f6G7h8I9j0K1l2M3n4";
    assertThat(logged("<" + token.substring(0, 20) + "…> <" + token.substring(8) + ">", new AccessToken(token)))
        .isEqualTo("<[token]…> <[token]>");
  }

  @Test
  void logOutsideOfAnInvocationIsCutOnly() {
    journal.write("event", Map.of("detail", "a".repeat(301)));
    assertThat(log.toString(UTF_8)).contains("a".repeat(300) + "…").doesNotContain("a".repeat(301));
  }
}
