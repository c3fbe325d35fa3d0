package social.avatarai.mcp.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Profiles;

/** What is wrong with a record is said with the path of the member and the reason. */
class RecordErrorsTest {
  private static final ConnectionKey KEY = new ConnectionKey(new UserId("did:plc:inventeduser"),
      new ConnectionId("github-mcp"));
  private static final Profiles PROFILES = Profiles.load();

  private static ObjectNode record() {
    return HttpResponses.object("{'endpoint':{'url':'https://mcp.example/mcp'}}");
  }

  private static ServerRecord read(ObjectNode record) {
    return ServerRecord.read(KEY, record, PROFILES);
  }

  private static ObjectNode with(String member, String value) {
    return record().setAll(HttpResponses.object("{'" + member + "':" + value + "}"));
  }

  private static Failure failure(ObjectNode record) {
    return catchThrowableOfType(Failure.class, () -> read(record));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      mcpId         | 5                             | mcpId must be a text
      mcpId         | 'another'                     | mcpId is not the one in the path
      userId        | {'id':'did:plc:inventeduser'} | userId must be a text
      createdAt     | '2026-01-01T00:00:00Z'        | createdAt must be a number
      name          | 5                             | name must be a text
      description   | ['in parts']                  | description must be a text
      about         | {'text':'x'}                  | about must be a text
      icon          | {'url':'x'}                   | icon must be a text
      schema        | 5                             | schema must be a text or an object
      schemaKind    | true                          | schemaKind must be a text
      version       | 1.2                           | version must be a text
      protocolVersion | 20250618                    | protocolVersion must be a text
      capabilities  | 'all'                         | capabilities must be an object
      instructions  | [1]                           | instructions must be a text
      author        | 5                             | author must be a text
      status        | 5                             | status must be a text
      lastSyncResourcesAt | 'x'                     | lastSyncResourcesAt must be a number
      authorization | {'status':5}                  | authorization.status must be a text
      authorization | {'scopes':'é'}                | authorization.scopes is not a list of scopes of at most 512 characters each
      authorization | {'config':{'client_id':'é'}}  | authorization.config.client_id is not a client identifier
      endpoint      | {'url':'https://mcp.example/','headers':{'X-Team':5}} | endpoint.headers.X-Team must be a text
      enabled       | 'false'                       | enabled must be true or false
      isBuiltin     | 1                             | isBuiltin must be true or false
      syncResources | 'true'                        | syncResources must be true or false
      endpoint      | 'https://mcp.example/mcp'     | endpoint must be an object
      endpoint      | [1]                           | endpoint must be an object
      endpoint      | {'type':'http'}               | endpoint.url is missing
      endpoint      | null                          | endpoint.url is missing
      endpoint      | {'url':5}                     | endpoint.url must be a text
      endpoint      | {'url':'https://mcp.example/','type':true} | endpoint.type must be a text
      authorization | 'oauth2'                      | authorization must be an object
      authorization | {'method':5}                  | authorization.method must be a text
      authorization | {'scopes':['repo']}           | authorization.scopes must be a text
      authorization | {'config':'github'}           | authorization.config must be an object
      authorization | {'credentials':'invented'}    | authorization.credentials must be an object
      authorization | {'config':{'client_id':5}}    | authorization.config.client_id must be a text
      authorization | {'config':{'issuer':{}}}      |
      authorization | {'config':{'issuer':5}}       | authorization.config.issuer must be a text
      authorization | {'config':{'profile':5}}      | authorization.config.profile must be a text
      authorization | {'config':{'redirect_uri':5}} | authorization.config.redirect_uri must be a text
      authorization | {'config':{'client_secret':5}} | authorization.config.client_secret must be a text
      authorization | {'config':{'client_secret':'invented'}} | authorization.config.client_secret is there without its client_id
      authorization | {'config':{'token_endpoint_auth_method':5}} | authorization.config.token_endpoint_auth_method must be a text
      authorization | {'config':{'token_endpoint_auth_method':'invented'}} | authorization.config.token_endpoint_auth_method is not one that this service speaks
      authorization | {'config':{'issuer':'https://auth.example','profile':'github'}} | authorization.config.issuer is not the one of its profile
      """)
  void errorNamesTheMemberByItsPathAndTheReason(String member, String value,
      @Nullable String expected) {
    if (expected == null) {
      assertThat(read(with(member, value))).as("an empty object is a zero value").isNotNull();
      return;
    }
    var failure = failure(with(member, value));
    assertThat(failure.safeMessage()).isEqualTo("The record's " + expected + ".");
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      endpoint      | {'url':'http://mcp.example/mcp'}            | endpoint.url must be an https URL
      endpoint      | {'url':'https://mcp.example/','type':'websocket'} | endpoint.type is WebSocket, which is not offered here: endpoint.type must be streamableHttp or sse
      endpoint      | {'url':'https://mcp.example/','command':'npx'} | endpoint.command belongs to a program
      endpoint      | {'url':'https://mcp.example/','args':['-y']} | endpoint.args belongs to a program
      endpoint      | {'url':'https://mcp.example/','env':{'A':'b'}} | endpoint.env belongs to a program
      endpoint      | {'url':'https://mcp.example/','headers':{'Host':'a'}} | endpoint.headers names Host, which this service sets itself or does not send
      endpoint      | {'url':'https://mcp.example/','headers':{'a b':'a'}} | endpoint.headers names a header with a character that no header name may have
      authorization | {'config':{'issuer':'nowhere'}}             | authorization.config.issuer is not an absolute URL with a host
      authorization | {'config':{'redirect_uri':'https://a@b/c'}} | authorization.config.redirect_uri must have no user information
      authorization | {'config':{'profile':'no-such-profile'}}    | authorization.config.profile must be one of this deployment's: asana, atlassian,
      authorization | {'config':{'redirect_uri':'https://a/c?***'}} | authorization.config.redirect_uri hides its query: send the whole URL.
      authorization | {'config':{'token_endpoint':'nowhere'}}     | authorization.config.token_endpoint is not an absolute URL with a host
      authorization | {'config':{'token_endpoint':'https://a/t?q'}} | authorization.config.token_endpoint must have no query
      """)
  void valuesThatAreNotWhatTheyShouldBeAreNamedToo(String member, String value, String expected) {
    assertThat(failure(with(member, value)).safeMessage()).startsWith("The record's " + expected);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      extra         | {'nested':[{'password':'invented'}]} | extra.nested.password
      authorization | {'config':{'api_key':'invented'}}    | authorization.config.api_key
      capabilities  | {'headers':{'X-Invented':'invented'}} | capabilities.headers
      extra         | {'<b>':{'secret':'invented'}}        | extra.….secret
      """)
  void memberThatMayBeASecretIsNamedAndItsValueIsNot(String member, String value, String path) {
    var failure = failure(with(member, value));
    assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED_RECORD);
    assertThat(failure.safeMessage()).startsWith("The record's " + path + " may be a secret and has no store here.")
        .doesNotContain("invented");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      extra        | 5
      our.own      | ['in parts']
      rating       | 1.2
      author       | null
      name         | ''
      instructions | null
      schema       | ''
      schema       | {'type':'object'}
      capabilities | null
      lastSyncResourcesAt | 0
      """)
  void memberThatIsUnknownIsKeptWhateverItsTypeIsAndAZeroValueIsKeptToo(String member, String value) {
    var sent = with(member, value);
    assertThat(read(sent).document().get(member)).isEqualTo(sent.get(member));
  }

  private static ObjectNode nested(int levels) {
    var record = record();
    var innermost = record;
    for (int i = 1; i < levels; i++)
      innermost = innermost.putObject("deep");
    return record;
  }

  @Test
  void recordThatIsNestedAsDeepAsAListCanShowIsTakenAndNoOther() {
    assertThat(read(nested(290))).isNotNull();
    var failure = failure(nested(291));
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(failure.safeMessage()).isEqualTo("The record's deep is nested deeper than 290 levels of the record.");
  }

  @Test
  void recordOverItsSizeIsToldTheLimitOfARecord() {
    var failure = failure(record().put("about", "x".repeat(64 * 1024)));
    assertThat(failure.code()).isEqualTo(ErrorCode.BODY_TOO_LARGE);
    assertThat(failure.safeMessage()).isEqualTo("The record is over 65536 bytes.");
  }

  @Test
  void scopesOverTheirLengthAreRefused() {
    String most = ("s".repeat(511) + " ").repeat(8);
    assertThat(read(with("authorization", "{'scopes':'" + most + "'}")).scopes().values()).hasSize(1);
    assertThat(failure(with("authorization", "{'scopes':'" + most + "s'}")).safeMessage())
        .isEqualTo("The record's authorization.scopes is longer than 4096 characters.");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      access_token  | 5                     | must be a text
      access_token  | 'has blanks'          | has characters that no token has
      refresh_token | ['invented']          | must be a text
      refresh_token | 'é'                   | has characters that no token has
      token_type    | ['bearer']            | must be a text
      token_type    | 'mac'                 | is not Bearer, and no other type is spoken here
      scope         | {'nested':'invented'} | must be a text
      expires_at    | 'tomorrow'            | must be a time: as 2026-01-31T12:00:00Z, or in seconds since 1970
      expires_at    | 1750779759000000      | must be a time: as 2026-01-31T12:00:00Z, or in seconds since 1970
      expires_at    | true                  | must be a number of seconds
      expires_in    | 'soon'                | must be a number of seconds
      expires_in    | 1e400000              | must be a number of seconds
      """)
  void errorOfALiveTokenNamesTheMemberAndTheReasonAndNoValue(String member, String value, String reason) {
    var credentials = HttpResponses.object("{'access_token':'invented-access'}")
        .setAll(HttpResponses.object("{'" + member + "':" + value + "}"));
    var record = record();
    record.putObject("authorization").set("credentials", credentials);
    var failure = failure(record);
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(failure.safeMessage())
        .isEqualTo("The record's authorization.credentials." + member + " " + reason + ".");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      authorization | {'expireAt':'1e400000'} | authorization.expireAt must be a time
      authorization | {'expireAt':'soon'}     | authorization.expireAt must be a time
      authorization | {'expireAt':{}}         | authorization.expireAt must be a number of seconds
      updatedAt     | 'yesterday'             | updatedAt must be a time
      updatedAt     | true                    | updatedAt must be a number of seconds
      authorization | {'credentials':{'refresh_token':'invented'}} | authorization.credentials has a refresh_token without an access_token
      """)
  void errorOfATimeAndOfALoneRefreshTokenNamesThemToo(String member, String value, String expected) {
    var failure = failure(with(member, value));
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(failure.safeMessage()).startsWith("The record's " + expected).doesNotContain("invented");
  }

  private static String urlOf(int length) {
    return "https://a.example/" + "x".repeat(length - "https://a.example/".length());
  }

  @ParameterizedTest
  @ValueSource(strings = {"issuer", "redirect_uri", "authorization_endpoint", "token_endpoint", "revocation_endpoint"})
  void urlOfARecordOverItsLengthIsRefusedAndNamed(String member) {
    String config = "{'config':{'client_id':'client-1','issuer':'https://a.example',"
        + "'authorization_endpoint':'https://a.example/a','token_endpoint':'https://a.example/t'}}";
    var record = with("authorization", config);
    assertThat(read(record)).isNotNull();
    record.withObject("/authorization/config").put(member, urlOf(EndpointUrl.MAX_LENGTH + 1));
    assertThat(failure(record).safeMessage())
        .isEqualTo("The record's authorization.config." + member + " is longer than 2048 characters.");
    assertThat(failure(record).code()).isEqualTo(ErrorCode.INVALID_URL);
  }

  @Test
  void urlOfAServerOverItsLengthIsRefusedAndNamed() {
    assertThat(read(with("endpoint", "{'url':'" + urlOf(2048) + "'}"))).isNotNull();
    var failure = failure(with("endpoint", "{'url':'" + urlOf(2049) + "'}"));
    assertThat(failure.safeMessage()).isEqualTo("The record's endpoint.url is longer than 2048 characters.");
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_URL);
  }

  @Test
  void clientIdentifierOverItsLengthIsRefused() {
    String most = "c".repeat(ClientId.MAX_LENGTH);
    assertThat(read(with("authorization", "{'config':{'client_id':'" + most + "'}}")).client().id()).isNotNull();
    var failure = failure(with("authorization", "{'config':{'client_id':'" + most + "c'}}"));
    assertThat(failure.safeMessage())
        .isEqualTo("The record's authorization.config.client_id is longer than 2048 characters.");
  }

  @Test
  void clientSecretOverItsLengthIsRefused() {
    var failure = failure(with("authorization", "{'config':{'client_id':'client-1','issuer':'https://auth.example',"
        + "'client_secret':'" + "x".repeat(4097) + "'}}"));
    assertThat(failure.safeMessage())
        .isEqualTo("The record's authorization.config.client_secret is longer than 4096 characters.");
  }
}
