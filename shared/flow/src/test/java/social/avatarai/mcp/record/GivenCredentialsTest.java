package social.avatarai.mcp.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.FailureAssert.assertFails;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.EnteredCredentials;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Profiles;

/** The token, the key and the headers that a user enters: how a record says them, and which stored values stay. */
class GivenCredentialsTest {
  private static final ConnectionKey KEY = new ConnectionKey(new UserId("did:plc:inventeduser"),
      new ConnectionId("invented-server"));
  private static final String URL = "https://mcp.example/mcp";
  private static final Profiles PROFILES = Profiles.load();

  /** A record with these members of {@code endpoint} and {@code authorization}. */
  private static ObjectNode body(String url, String endpoint, String authorization) {
    var body = HttpResponses.object("{'endpoint':{" + endpoint + "},'authorization':{" + authorization + "}}");
    body.withObject("endpoint").put("url", url);
    return body;
  }

  private static ServerRecord read(String endpoint, String authorization) {
    return ServerRecord.read(KEY, body(URL, endpoint, authorization), PROFILES);
  }

  private static ServerRecord bearer(String config) {
    return read("", "'method':'bearer','config':{" + config + "}");
  }

  private static McpServer stored(ServerRecord record, Optional<McpServer> before) {
    return new McpServer(KEY, record.url(), true, new McpServer.Terms(Scopes.none(), null, null, null, false),
        McpServer.Status.CONNECTED, record.document(), null).with(record.entered().after(before, record.url()));
  }

  private static McpServer stored(ServerRecord record) {
    return stored(record, Optional.empty());
  }

  /** The headers as they are sent. */
  private static List<String> sent(EnteredCredentials entered) {
    return entered.all().map(header -> header.name() + ": " + header.value()).toList();
  }

  private static List<String> sent(ServerRecord record) {
    return sent(stored(record).entered());
  }

  private static String refused(ErrorCode code, String endpoint, String authorization) {
    var failures = new Failure[1];
    assertThatThrownBy(() -> stored(read(endpoint, authorization)))
        .isInstanceOfSatisfying(Failure.BadRequest.class, failure -> failures[0] = failure);
    assertThat(failures[0].code()).isEqualTo(code);
    return failures[0].safeMessage();
  }

  // What is sent

  @Test
  void bearerTokenIsSentAsTheAuthorizationHeader() {
    assertThat(sent(bearer("'token':'invented|token:1'"))).containsExactly("Authorization: Bearer invented|token:1");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      'api_key':'invented-key'                                               | X-API-Key: invented-key
      'api_key':'invented-key','header':'','prefix':null                     | X-API-Key: invented-key
      'api_key':'invented-key','header':'Authorization','prefix':'Token '    | Authorization: Token invented-key
      'api_key':'invented-key','header':'x-invented'                         | x-invented: invented-key
      """)
  void apiKeyIsSentInTheHeaderOfTheRecordBehindItsPrefix(String config, String header) {
    assertThat(sent(read("", "'method':'api_key','config':{" + config + "}"))).containsExactly(header);
  }

  @ParameterizedTest
  @ValueSource(strings = {"headers", "none"})
  void headersAreSentAsTheyAre(String method) {
    assertThat(sent(read("'headers':{'Authorization':'Basic aW52ZW50ZWQ=','X-Team':'a b'}", "'method':'" + method
        + "'"))).containsExactly("Authorization: Basic aW52ZW50ZWQ=", "X-Team: a b");
  }

  @Test
  void headersAreSentBesideATokenOrAKey() {
    assertThat(sent(read("'headers':{'X-Team':'a'}", "'method':'bearer','config':{'token':'invented'}")))
        .containsExactly("Authorization: Bearer invented", "X-Team: a");
    assertThat(sent(read("'headers':{'X-Team':'a'}", "'method':'api_key','config':{'api_key':'invented'}")))
        .containsExactly("X-API-Key: invented", "X-Team: a");
  }

  @ParameterizedTest
  @ValueSource(strings = {"'method':'oauth2'", "'method':'none'", "'method':null", ""})
  void recordWithoutValuesHasNoCredentials(String authorization) {
    assertThat(stored(read("'headers':{}", authorization)).entered()).isEqualTo(EnteredCredentials.none());
  }

  // What is kept of a record and shown

  @Test
  void documentHasNoValueAndIsShownWithWhatIsThere() {
    var server = stored(read("'headers':{'X-Team':'canary-1','X-Other':'canary-2'}",
        "'method':'api_key','config':{'api_key':'canary-3','header':'X-Key','prefix':'Token '}"));
    assertThat(server.document().toString() + server).doesNotContain("canary");
    assertThat(server.document().at("/endpoint/headers")).isEqualTo(HttpResponses.object("{}"));
    var shown = GivenCredentials.show(server, server.document().deepCopy());
    assertThat(shown.at("/endpoint/has_headers").toString()).isEqualTo("[\"X-Team\",\"X-Other\"]");
    assertThat(shown.at("/authorization/config"))
        .isEqualTo(HttpResponses.object("{'header':'X-Key','prefix':'Token ','has_api_key':true}"));
  }

  @Test
  void tokenIsShownWhereTheRecordHasNoConfigToo() {
    var server = stored(read("", "'method':'bearer','config':null"), Optional.of(stored(bearer("'token':'invented'"))));
    assertThat(GivenCredentials.show(server, server.document().deepCopy()).at("/authorization/config"))
        .isEqualTo(HttpResponses.object("{'has_token':true}"));
  }

  @Test
  void whatWeSayOurselvesIsNotTakenFromTheRecord() {
    var document = read("'has_headers':['X-Invented']",
        "'method':'none','config':{'has_token':true,'has_api_key':true,'other':1}").document();
    assertThat(document.path("endpoint").has("has_headers")).isFalse();
    assertThat(document.at("/authorization/config")).isEqualTo(HttpResponses.object("{'other':1}"));
  }

  // Which stored values stay

  private static List<String> sentAfter(McpServer before, ServerRecord record) {
    return sent(stored(record, Optional.of(before)).entered());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "'token':null", "'token':''", "'has_token':true"})
  void tokenThatIsNotGivenStays(String config) {
    assertThat(sentAfter(stored(bearer("'token':'invented'")), bearer(config)))
        .containsExactly("Authorization: Bearer invented");
  }

  @Test
  void givenTokenReplacesTheStoredOne() {
    assertThat(sentAfter(stored(bearer("'token':'invented'")), bearer("'token':'another'")))
        .containsExactly("Authorization: Bearer another");
  }

  @Test
  void storedKeyIsSentUnderTheNewNameAndPrefix() {
    var before = stored(read("", "'method':'api_key','config':{'api_key':'invented','prefix':'Token '}"));
    assertThat(sentAfter(before, read("", "'method':'api_key','config':{'header':'X-Other'}")))
        .containsExactly("X-Other: invented");
  }

  private static McpServer twoHeaders() {
    return stored(read("'headers':{'X-One':'one','X-Two':'two'}", "'method':'headers'"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      ""                                                        | X-One: one, X-Two: two
      'headers':{}                                              | X-One: one, X-Two: two
      'headers':null,'has_headers':null                         | X-One: one, X-Two: two
      'headers':{},'has_headers':['X-One','X-Two']              | X-One: one, X-Two: two
      'headers':{},'has_headers':['x-two']                      | X-Two: two
      'headers':{'X-One':'new'}                                 | X-One: new
      'headers':{'X-One':'new','X-Two':''}                      | X-One: new, X-Two: two
      'headers':{'x-two':null}                                  | x-two: two
      'headers':{'X-One':'new'},'has_headers':['X-One','X-Two'] | X-One: new, X-Two: two
      'headers':{'X-New':'new'},'has_headers':[]                | X-New: new
      """)
  void headersStayThatAreNotGivenAndThoseThatAreSentBackAsShown(String endpoint, String expected) {
    assertThat(String.join(", ", sentAfter(twoHeaders(), read(endpoint, "'method':'headers'")))).isEqualTo(expected);
  }

  @Test
  void emptyListOfShownHeadersDeletesAll() {
    var before = stored(read("'headers':{'X-Team':'a'}", "'method':'none'"));
    assertThat(sentAfter(before, read("'has_headers':[]", "'method':'none'"))).isEmpty();
    assertFails(Failure.BadRequest.class, ErrorCode.INVALID_REQUEST,
        () -> sentAfter(twoHeaders(), read("'has_headers':[]", "'method':'headers'")));
  }

  @Test
  void anotherMethodDropsAllValues() {
    var before = stored(read("'headers':{'X-Team':'a'}", "'method':'bearer','config':{'token':'invented'}"));
    assertThat(sentAfter(before, read("", "'method':'none'"))).isEmpty();
    assertThat(sentAfter(before, read("", "'method':'oauth2'"))).isEmpty();
    for (String method : List.of("api_key", "headers")) {
      assertFails(Failure.BadRequest.class, ErrorCode.INVALID_REQUEST,
          () -> sentAfter(before, read("'has_headers':['X-Team']", "'method':'" + method + "'")));
    }
  }

  @ParameterizedTest
  @CsvSource({"https://mcp.example/other?query=1,true", "https://MCP.example:443/mcp,true",
      "https://mcp.example:8443/mcp,false", "https://evil.example/mcp,false", "http://localhost/mcp,false",
      "https://mcp.example.evil.example/mcp,false"})
  void valuesStayForTheSameOriginOnly(String url, boolean stays) {
    var moved = ServerRecord.read(KEY, body(url, "", "'method':'bearer'"), PROFILES);
    var before = Optional.of(stored(bearer("'token':'invented'")));
    if (stays) assertThat(sent(stored(moved, before).entered())).containsExactly("Authorization: Bearer invented");
    else
      assertFails(Failure.BadRequest.class, ErrorCode.INVALID_REQUEST, () -> stored(moved, before));
  }

  // What is refused

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      'method':'bearer'                                | authorization.config.token
      'method':'bearer','config':{'token':''}          | authorization.config.token
      'method':'bearer','config':{'api_key':''}        | authorization.config.token
      'method':'api_key','config':{'header':'X-Key'}   | authorization.config.api_key
      'method':'headers'                               | endpoint.headers
      """)
  void missingValueIsRefusedAndNamed(String authorization, String member) {
    assertThat(refused(ErrorCode.INVALID_REQUEST, "", authorization)).contains(member, "missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Connection", "keep-alive", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer",
      "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "Expect", "Host", "User-Agent", "Cookie2", "Origin",
      "Last-Event-ID", "Content-Length", "content-type", "Content-Encoding", "Accept", "Accept-Encoding",
      "Mcp-Session-Id", "MCP-Protocol-Version", "mcp-method", "Mcp-Param-Region"})
  void headerThatThisServiceSetsIsRefusedAndNamed(String name) {
    assertThat(refused(ErrorCode.INVALID_REQUEST, "'headers':{'" + name + "':'canary'}", "'method':'headers'"))
        .contains("endpoint.headers", name).doesNotContain("canary");
    assertThat(refused(ErrorCode.INVALID_REQUEST, "", "'method':'api_key','config':{'api_key':'canary','header':'"
        + name + "'}")).contains("authorization.config.header", name).doesNotContain("canary");
  }

  @ParameterizedTest
  @ValueSource(strings = {"X Team", "X-Team:", "X-Téam", "(X)", "X\\nY", "X\\u0000"})
  void nameThatIsNoTokenIsRefused(String name) {
    refused(ErrorCode.INVALID_REQUEST, "'headers':{'" + name + "':'a'}", "'method':'headers'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\\nb", "a\\rb", "a\\tb", "a\\u0000b", "ä", "a\\u007f", " a", "a ", "\\u2028"})
  void valueThatIsNoVisibleAsciiIsRefusedAndNotShown(String value) {
    for (String message : List.of(
        refused(ErrorCode.INVALID_REQUEST, "'headers':{'X-Team':'canary" + value + "canary '}", "'method':'none'"),
        refused(ErrorCode.INVALID_REQUEST, "", "'method':'bearer','config':{'token':'" + value + "'}"),
        refused(ErrorCode.INVALID_REQUEST, "", "'method':'api_key','config':{'api_key':'" + value + "'}")
            .replace("api_key", "")))
      assertThat(message).doesNotContain("canary");
  }

  @Test
  void prefixCannotBeginAnotherHeader() {
    refused(ErrorCode.INVALID_REQUEST, "", "'method':'api_key','config':{'api_key':'a','prefix':'x\\r\\nX-Other: '}");
  }

  @Test
  void tokenWithTheSchemeInFrontIsRefused() {
    assertThat(refused(ErrorCode.INVALID_REQUEST, "", "'method':'bearer','config':{'token':'Bearer invented'}"))
        .contains("authorization.config.token", "without the word Bearer");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      'headers':{'X-Team':'a','x-team':'b'} | 'method':'headers'
      'headers':{'authorization':'a'}       | 'method':'bearer','config':{'token':'b'}
      'headers':{'x-api-key':'a'}           | 'method':'api_key','config':{'api_key':'b'}
      """)
  void nameThatIsSetTwiceIsRefusedWhateverItsCase(String endpoint, String authorization) {
    assertThat(refused(ErrorCode.INVALID_REQUEST, endpoint, authorization)).contains("endpoint.headers", "twice");
  }

  @Test
  void moreHeadersThanAllowedAreRefused() {
    for (int count : new int[]{20, 21}) {
      String headers = String.join(",", IntStream.range(0, count).mapToObj(i -> "'X-" + i + "':'a'").toList());
      if (count == 20) assertThat(sent(read("'headers':{" + headers + "}", "'method':'headers'"))).hasSize(20);
      else
        refused(ErrorCode.INVALID_REQUEST, "'headers':{" + headers + "}", "'method':'headers'");
    }
  }

  @Test
  void moreBytesThanAllowedAreRefused() {
    String most = "x".repeat(8 * 1024 - "X-Team".length());
    assertThat(sent(read("'headers':{'X-Team':'" + most + "'}", "'method':'headers'"))).hasSize(1);
    refused(ErrorCode.INVALID_REQUEST, "'headers':{'X-Team':'" + most + "x'}", "'method':'headers'");
    refused(ErrorCode.INVALID_REQUEST, "'headers':{'" + "X".repeat(129) + "':'a'}", "'method':'headers'");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      'headers':['X-Team: a']       | 'method':'headers'
      'headers':'X-Team: a'         | 'method':'headers'
      'headers':{'X-Team':5}        | 'method':'headers'
      'headers':{'X-Team':['a']}    | 'method':'headers'
      'headers':{'X-Team':{'a':1}}  | 'method':'headers'
      'has_headers':'X-Team'        | 'method':'headers'
      ""                            | 'method':'bearer','config':{'token':5}
      ""                            | 'method':'api_key','config':{'api_key':['a']}
      ""                            | 'method':'api_key','config':{'api_key':'a','header':5}
      ""                            | 'method':'bearer','config':['a']
      ""                            | 'method':['bearer']
      """)
  void wrongTypesAreRefused(String endpoint, String authorization) {
    refused(ErrorCode.INVALID_REQUEST, endpoint, authorization);
  }

  @Test
  void headersBesideAConsentAreRefusedAndTheWayOutIsNamed() {
    for (String authorization : List.of("", "'method':'oauth2'")) {
      assertThat(refused(ErrorCode.UNSUPPORTED_RECORD, "'headers':{'X-Team':'canary'}", authorization))
          .contains("endpoint.headers", "authorization.method").doesNotContain("canary");
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      'method':'oauth2','config':{'token':'canary'}                       | authorization.config.token
      'method':'none','config':{'api_key':'canary'}                       | authorization.config.api_key
      'method':'api_key','config':{'api_key':'a','token':'canary'}        | authorization.config.token
      'method':'bearer','config':{'token':'a','client_credential':'canary'} | authorization.config.client_credential
      'method':'bearer','config':{'token':'a'},'token':'canary'           | authorization.token
      'method':'headers','headers':{'X-Team':'canary'}                    | authorization.headers
      """)
  void secretWithoutAStoreIsRefusedAndItsMemberAndTheRightPlaceAreNamed(String authorization, String member) {
    assertThat(refused(ErrorCode.UNSUPPORTED_RECORD, "", authorization))
        .contains("The record's " + member + " ", "endpoint.headers", "api_key").doesNotContain("canary");
  }

  @ParameterizedTest
  @ValueSource(strings = {"'notes':{'list':['the key is invented-key-1234']}", "'invented-key-1234':1"})
  void keyThatStandsInAnotherMemberTooIsRefused(String member) {
    String key = "'method':'api_key','config':{'api_key':'invented-key-1234'}";
    assertThat(refused(ErrorCode.INVALID_REQUEST, member, key)).contains("authorization.config.api_key")
        .doesNotContain("invented");
    assertThat(sent(read("'headers':{'X-Team':'invented-key-1234'}," + member, "'method':'headers'"))).hasSize(1);
  }

  @Test
  void keyMayStandInTheQueryOfTheUrlToo() {
    var body = body(URL + "?key=invented-key-1234", "",
        "'method':'bearer','config':{'token':'invented-key-1234'}");
    assertThat(sent(ServerRecord.read(KEY, body, PROFILES)))
        .containsExactly("Authorization: Bearer invented-key-1234");
  }

  @Test
  void nameThatMayBeASecretItselfIsNotShown() {
    assertThat(refused(ErrorCode.UNSUPPORTED_RECORD, "'token canary':'a'", "'method':'none'"))
        .doesNotContain("canary");
  }

  @Test
  void credentialsAreForTheirOriginOnly() {
    var entered = stored(bearer("'token':'invented'")).entered();
    assertThat(entered.requireFor(new EndpointUrl("https://mcp.example/any?query"))).isSameAs(entered);
    assertFails(Failure.NotPermitted.class, ErrorCode.FORBIDDEN,
        () -> entered.requireFor(new EndpointUrl("https://evil.example/mcp")));
  }
}
