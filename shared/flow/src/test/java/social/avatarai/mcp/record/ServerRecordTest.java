package social.avatarai.mcp.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.FailureAssert.assertFails;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.StdioName;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Profiles;

class ServerRecordTest {
  private static final ConnectionKey KEY = new ConnectionKey(new UserId("did:plc:inventeduser"),
      new ConnectionId("github-mcp"));

  /** A record in the shape of the user's own documents, with zero values and without live tokens. */
  private static final String WHOLE = """
      {'mcpId':'github-mcp','userId':'did:plc:inventeduser','isBuiltin':false,'name':'GitHub MCP Server','about':'',
       'schema':'','endpoint':{'type':'streamableHttp','command':'','args':null,'env':null,
       'url':'http://localhost:8089/mcp','headers':{}},'capabilities':{},'instructions':null,
       'authorization':{'method':'oauth2','status':'active','scopes':'repo user',
       'config':{'client_id':'client-1','client_secret':'invented-secret','profile':'github',
       'redirect_uri':'https://app.example/api/mcp/oauth/callback'},
       'credentials':{'access_token':'','expires_at':'0001-01-01T00:00:00Z','expires_in':0,'refresh_token':'',
       'id_token':'invented-id-token'},'expireAt':-62135596800},
       'status':'connected','error':null,'enabled':true,'syncResources':false,'ours':{'kept':[1,2]}}""";

  private static ServerRecord read(String json) {
    return ServerRecord.read(KEY, HttpResponses.object(json), Profiles.load());
  }

  private static ServerRecord withMember(String name, String value) {
    ObjectNode body = HttpResponses.object("{'endpoint':{'url':'https://mcp.example/mcp'}}");
    return ServerRecord.read(KEY, body.setAll(HttpResponses.object("{'" + name + "':" + value + "}")), Profiles.load());
  }

  @Test
  void takesARecordInTheShapeOfTheUsersDocument() {
    var record = read(WHOLE);
    assertThat(record.url().value()).isEqualTo("http://localhost:8089/mcp");
    assertThat(record.enabled()).isTrue();
    assertThat(record.scopes()).isEqualTo(Scopes.parse("repo user"));
    assertThat(record.client().issuer()).isEqualTo(new Issuer("https://github.com/login/oauth"));
    assertThat(record.client().secret()).isEqualTo(new ClientSecret("invented-secret"));
    assertThat(record.client().method()).isNull();
  }

  @Test
  void keepsUnknownMembersAndZeroValuesButNoSecret() {
    var document = read(WHOLE).document();
    assertThat(document.at("/ours/kept/1").asInt()).isEqualTo(2);
    assertThat(document.at("/authorization/expireAt").asLong()).isEqualTo(-62135596800L);
    assertThat(document.at("/authorization/credentials/expires_at").asText()).isEqualTo("0001-01-01T00:00:00Z");
    assertThat(document.path("instructions").isNull()).isTrue();
    assertThat(document.at("/endpoint/args").isNull()).isTrue();
    assertThat(document.path("schema").textValue()).isEmpty();
    assertThat(document.toString()).doesNotContain("invented-secret", "invented-id-token");
    assertThat(read(WHOLE).toString()).doesNotContain("invented-secret");
  }

  @Test
  void leavesOutWhatARecordShowsOfItsServersOffer() {
    var shown = HttpResponses.object("""
        {'endpoint':{'url':'https://mcp.example/mcp'},'syncResources':true,'capabilities':{'tools':{'listChanged':true,
        'tools':[{'name':'fetch','inputSchema':{'properties':{'headers':{'type':'object'}}}}],'truncated':true},
        'resources':{'resources':[],'resourceTemplates':[]},'prompts':{'prompts':[]},'logging':{}},
        'toolChanges':[{'at':1,'kind':'added','name':'fetch'}],'warnings':['tools_changed']}""");
    var document = ServerRecord.read(KEY, shown, Profiles.load()).document();
    assertThat(document.path("capabilities").toString())
        .isEqualTo("{\"tools\":{\"listChanged\":true},\"resources\":{},\"prompts\":{},\"logging\":{}}");
    assertThat(document.has("toolChanges")).isFalse();
    assertThat(document.has("warnings")).isFalse();
  }

  @Test
  void keepsTheCapabilitiesOfAUserWhoWantsNoOffer() {
    var document = withMember("capabilities", "{'tools':{'tools':[{'name':'own'}],'truncated':false}}").document();
    assertThat(document.at("/capabilities/tools/tools/0/name").asText()).isEqualTo("own");
    assertThat(document.at("/capabilities/tools").has("truncated")).isTrue();
  }

  private static ServerRecord at(String url) {
    return read("{'name':'Invented','links':['see " + url + "'],'endpoint':{'url':'" + url + "'}}");
  }

  private static Optional<McpServer> storedAt(String url) {
    return Optional.of(new McpServer(KEY, new EndpointUrl(url), true,
        new McpServer.Terms(Scopes.none(), null, null, null, false), McpServer.Status.CONNECTED,
        HttpResponses.object("{}"), null));
  }

  @Test
  void documentHasNothingOfTheQuery() {
    var record = at("https://mcp.example/mcp?api_key=canary");
    assertThat(record.document().at("/endpoint/url").asText()).isEqualTo("https://mcp.example/mcp?***");
    assertThat(record.document().at("/links/0").asText()).isEqualTo("see https://mcp.example/mcp?***");
    assertThat(record.toString()).doesNotContain("canary");
    assertThat(record.urlAfter(Optional.empty()).value()).isEqualTo("https://mcp.example/mcp?api_key=canary");
  }

  @Test
  void hiddenQueryStandsForTheStoredOne() {
    var stored = storedAt("https://mcp.example/mcp?api_key=k");
    assertThat(at("https://mcp.example/mcp?***").urlAfter(stored).value())
        .isEqualTo("https://mcp.example/mcp?api_key=k");
    assertThat(at("https://mcp.example/mcp").urlAfter(stored).value()).isEqualTo("https://mcp.example/mcp");
  }

  @Test
  void hiddenQueryIsRefusedWhereNoneIsStoredForTheUrl() {
    for (var before : List.of(Optional.<McpServer>empty(), storedAt("https://mcp.example/mcp"),
        storedAt("https://mcp.example/other?api_key=k"), storedAt("https://evil.example/mcp?api_key=k"))) {
      assertFails(Failure.BadRequest.class, ErrorCode.INVALID_URL,
          () -> at("https://mcp.example/mcp?***").urlAfter(before));
    }
  }

  @Test
  void ofCredentialsOnlyTextsAndNumbersOfKnownNamesAreKept() {
    var record = withMember("authorization", "{'credentials':{'access_token':'','refresh_token':null,'expires_in':7200,"
        + "'expires_at':'0001-01-01T00:00:00Z','scope':'repo','other':'invented','nested':{'more':'invented'}}}");
    assertThat(record.document().at("/authorization/credentials")).isEqualTo(HttpResponses.object(
        "{'expires_in':7200,'expires_at':'0001-01-01T00:00:00Z','scope':'repo'}"));
    assertThat(record.credentials()).isNull();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      schemaKind    | 'json'
      keywords      | ['search']
      maxTokens     | 4096
      apiKey        | ''
      tokens        | {'used':5,'left':[],'expiresAt':1750779759,'expiresAtMs':1750779759123}
      headers       | {}
      capabilities  | {'tools':{'tokenizer':'invented'}}
      extra         | {'keyboard':'invented','monkey':{'publicKey':'invented'}}
      schema        | {'type':'object','properties':{'token':{'type':'string','description':'invented'},'headers':{'type':'object'}},'required':['token']}
      tools         | [{'inputSchema':{'properties':{'api_key':{'anyOf':[{'type':'string'}]},'nested':{'properties':{'password':{'title':'invented'}}}}}}]
      authorization | {'config':{'token_endpoint_auth_method':'none','issuer':'https://auth.example','client_id':'c','authorization_endpoint':'https://auth.example/a','token_endpoint':'https://auth.example/token'}}
      authorization | {'headers':null,'token_type':'bearer'}
      """)
  void membersWithoutASecretSurvive(String member, String value) {
    assertThat(withMember(member, value).document().path(member))
        .isEqualTo(HttpResponses.object("{'it':" + value + "}").path("it"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      env    | {'password':4711471147114711}
      env    | {'pin_tokens':[47114711,47114712]}
      extra  | {'private_key':{'bytes':[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}}
      extra  | {'db_pwd':'invented'}
      extra  | {'sentryDsn':'https://invented@errors.example/1'}
      """)
  void numberOrListOfBytesThatMayBeASecretIsRefusedAsATextIs(String member, String value) {
    assertFails(Failure.BadRequest.class, ErrorCode.UNSUPPORTED_RECORD, () -> withMember(member, value).document());
  }

  @Test
  void recordNeedsNothingButItsUrl() {
    var record = read("{'endpoint':{'url':'https://mcp.example/mcp'}}");
    assertThat(record.enabled()).isTrue();
    assertThat(record.scopes().isEmpty()).isTrue();
    assertThat(record.client()).isEqualTo(new ServerRecord.Client(null, null, null, null, null, null));
    assertThat(record.document().path("mcpId").asText()).isEqualTo("github-mcp");
    assertThat(record.document().path("userId").asText()).isEqualTo("did:plc:inventeduser");
  }

  @Test
  void httpIsAnotherNameOfTheTransport() {
    assertThat(read("{'endpoint':{'type':'http','url':'https://mcp.example/mcp'}}").url().value())
        .isEqualTo("https://mcp.example/mcp");
  }

  @Test
  void builtInRecordIsNoUsersToWrite() {
    assertFails(Failure.NotPermitted.class, ErrorCode.FORBIDDEN,
        () -> read("{'isBuiltin':true,'endpoint':{'url':'https://mcp.example/mcp'}}"));
    for (String no : new String[]{"false", "null", "''"}) {
      assertThat(read("{'isBuiltin':" + no + ",'endpoint':{'url':'https://mcp.example/mcp'}}").document()
          .path("isBuiltin").booleanValue()).isFalse();
    }
    assertFails(Failure.BadRequest.class, ErrorCode.INVALID_REQUEST,
        () -> read("{'isBuiltin':'true','endpoint':{'url':'https://mcp.example/mcp'}}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"STDIO", "ws", "websocket", "WebSocket", "SSE", "StreamableHttp", "grpc"})
  void otherTransportsAreRefusedWithTheNamesOfThoseThatAreOffered(String type) {
    assertThatThrownBy(() -> read("{'endpoint':{'type':'" + type + "','url':'https://mcp.example/mcp'}}"))
        .isInstanceOfSatisfying(Failure.BadRequest.class, failure -> {
          assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED_TRANSPORT);
          assertThat(failure.safeMessage())
              .contains("endpoint.type must be streamableHttp or sse, with the https URL", "endpoint.command")
              .matches(said -> said.contains("WebSocket") == type.toLowerCase(Locale.ROOT).startsWith("w"));
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"ws://mcp.example/mcp", "wss://mcp.example/mcp", "WSS://mcp.example/mcp"})
  void webSocketUrlIsRefusedWithTheNamesOfTheTransportsThatAreOffered(String url) {
    for (String type : List.of("", "'type':'sse',")) {
      assertThatThrownBy(() -> read("{'endpoint':{" + type + "'url':'" + url + "'}}"))
          .isInstanceOfSatisfying(Failure.BadRequest.class, failure -> {
            assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED_TRANSPORT);
            assertThat(failure.safeMessage()).contains("WebSocket", "streamableHttp or sse");
          });
    }
  }

  @Test
  void recordMayDeclareTheTransport() {
    for (String type : List.of("sse", "http", "streamableHttp"))
      assertThat(read("{'endpoint':{'type':'" + type + "','url':'https://mcp.example/sse'}}").url().value())
          .isEqualTo("https://mcp.example/sse");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      endpoint      | {'url':'https://mcp.example/','headers':{'Authorization':'invented'}}
      endpoint      | {'url':'https://mcp.example/','env':{'KEY':'invented'}}
      endpoint      | {'url':'https://mcp.example/','args':['invented']}
      endpoint      | {'url':'https://mcp.example/','command':'invented'}
      authorization | {'method':'header'}
      authorization | {'method':'client_credentials'}
      authorization | {'config':{'profile':'no-such-profile'}}
      authorization | {'config':{'private_key_pem':'invented'}}
      authorization | {'config':{'apiKey':'invented'}}
      authorization | {'config':{'idp_id_token':'invented'}}
      authorization | {'client_secret':'invented'}
      authorization | {'headers':{'X-Invented':'invented'}}
      authorization | {'config':{'nested':{'apiKey':'invented'}}}
      authorization | {'config':{'nested':[{'password':'invented'}]}}
      authorization | {'config':{'credentials':{'scope':'invented'}}}
      endpoint      | {'url':'https://mcp.example/','auth':{'bearer_token':'invented'}}
      headers       | {'X-Invented':'invented'}
      HEADERS       | 'X-Invented: invented'
      transport     | {'headers':[{'name':'X-Invented'}]}
      capabilities  | {'headers':{'X-Invented':'invented'}}
      api_keys      | ['invented']
      secrets       | {'github':['invented']}
      schema        | {'properties':{'token':{'type':'string','default':'invented'}}}
      tools         | [{'inputSchema':{'properties':{'api_key':{'anyOf':[{'enum':['invented']}]}}}}]
      schema        | {'apiKey':'invented'}
      schema        | {'api_keys':['invented']}
      token         | {'schema':{'title':'invented'}}
      extra         | {'Authorization':'invented'}
      extra         | {'cookie':'invented'}
      client_secret | 'invented'
      """)
  void whatIsNotOfferedIsRefused(String member, String value) {
    assertFails(Failure.BadRequest.class, ErrorCode.UNSUPPORTED_RECORD, () -> withMember(member, value));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      mcpId         | 'another'
      mcpId         | 5
      enabled       | 'false'
      endpoint      | 'https://mcp.example/mcp'
      endpoint      | {}
      endpoint      | {'url':5}
      authorization | ['oauth2']
      authorization | {'scopes':['repo']}
      authorization | {'config':{'client_secret':'invented','issuer':'https://auth.example'}}
      authorization | {'config':{'client_id':5,'issuer':'https://auth.example'}}
      authorization | {'config':{'token_endpoint_auth_method':'private_key_jwt'}}
      authorization | {'config':{'issuer':'https://auth.example','profile':'github'}}
      authorization | {'credentials':'invented'}
      authorization | {'credentials':{'refresh_token':'invented'}}
      authorization | {'credentials':{'access_token':5}}
      authorization | {'credentials':{'access_token':'has blanks'}}
      authorization | {'credentials':{'access_token':'a','token_type':'mac'}}
      authorization | {'credentials':{'token_type':['bearer']}}
      authorization | {'credentials':{'scope':{'nested':'invented'}}}
      authorization | {'credentials':{'expires_at':'tomorrow'}}
      authorization | {'credentials':{'expires_at':true}}
      authorization | {'credentials':{'expires_at':1750779759000000}}
      authorization | {'credentials':{'expires_in':'soon'}}
      authorization | {'credentials':{'expires_in':1e400000}}
      authorization | {'expireAt':'1e400000'}
      authorization | {'expireAt':{}}
      updatedAt     | 'yesterday'
      """)
  void malformedRecordsAreRefused(String member, String value) {
    assertFails(Failure.BadRequest.class, ErrorCode.INVALID_REQUEST, () -> withMember(member, value));
  }

  @Test
  void anotherUsersRecordIsRefused() {
    assertFails(Failure.NotPermitted.class, ErrorCode.FORBIDDEN, () -> withMember("userId", "'did:plc:another'"));
  }

  @Test
  void clientBelongsToANamedIssuerOrToThatOfTheProfileWhichClaimsTheId() {
    var unnamed = withMember("authorization", "{'config':{'client_id':'client-1'}}");
    assertThat(unnamed.client().id()).isEqualTo(new ClientId("client-1"));
    assertThat(unnamed.client().issuer()).isEqualTo(new Issuer("https://github.com/login/oauth"));
    var named = withMember("authorization", "{'config':{'client_id':'client-1','issuer':'https://auth.example',"
        + "'token_endpoint_auth_method':'client_secret_post'}}");
    assertThat(named.client().issuer()).isEqualTo(new Issuer("https://auth.example"));
    assertThat(named.client().method()).isEqualTo(ClientAuthenticationMethod.CLIENT_SECRET_POST);
  }

  @Test
  void whatWeSayOurselvesIsNotTakenFromTheRecord() {
    var config = "{'config':{'client_id':'client-1','issuer':'https://auth.example','has_client_secret':true}}";
    assertThat(withMember("authorization", config).document().at("/authorization/config").has("has_client_secret"))
        .isFalse();
    assertThat(withMember("error", "'made up'").document().path("error").isNull()).isTrue();
  }

  @Test
  void errorNamesTheMemberThatMayBeASecret() {
    assertThatThrownBy(() -> withMember("extra", "{'list':[{'private_key':'invented'}]}"))
        .hasMessageContaining("extra.list.private_key").hasMessageNotContaining("invented");
    assertThatThrownBy(() -> withMember("x key " + "y".repeat(500), "'invented'"))
        .hasMessageContaining("The record's … may be a secret").hasMessageNotContaining("keyyyy");
  }

  @Test
  void tokensLongerThanAnyRealOnesAreRefused() {
    for (String member : List.of("access_token", "refresh_token")) {
      var credentials = "{'credentials':{'access_token':'a','" + member + "':'"
          + "t".repeat(LiveCredentials.MAX_TOKEN_LENGTH + 1) + "'}}";
      assertThatThrownBy(
          () -> withMember("authorization", credentials.replace("'access_token':'a','access", "'access")))
          .hasMessageContaining("authorization.credentials." + member).hasMessageNotContaining("ttt");
    }
    assertFails(Failure.BadRequest.class, ErrorCode.INVALID_REQUEST, () -> withMember("authorization",
        "{'config':{'client_id':'c','client_secret':'" + "s".repeat(5000) + "'}}"));
  }

  @Test
  void recordOverItsSizeIsRefused() {
    assertFails(Failure.BadRequest.class, ErrorCode.BODY_TOO_LARGE,
        () -> withMember("about", "'" + "x".repeat(64 * 1024) + "'"));
  }

  @Test
  void recordNamesAProgramAndKeepsItsDocument() {
    var record = read("{'endpoint':{'type':'stdio','command':'everything','args':[],'env':null,'url':''},"
        + "'authorization':{'method':'oauth2','scopes':'','config':null,'credentials':null},'syncResources':true}");
    assertThat(record.url()).isEqualTo(new StdioName("everything").url());
    assertThat(record.document().at("/endpoint/command").asText()).isEqualTo("everything");
    assertThat(record.document().at("/endpoint/url").asText()).isEmpty();
    assertThat(record.document().toString()).doesNotContain("stdio.invalid");
  }

  @ParameterizedTest
  @ValueSource(strings = {"'command':'/bin/sh'", "'command':''", "'x':1", "'command':'sh','args':['-c']",
      "'command':'sh','argv':['sh']", "'command':'sh','env':{'A':'B'}", "'command':'sh','cwd':'/'",
      "'command':'sh','url':'https://mcp.example/mcp'", "'command':'sh','headers':{'X-A':'b'}", "'command':['sh']"})
  void recordOfAProgramSaysItsNameAndNothingElse(String endpoint) {
    assertThatThrownBy(() -> read("{'endpoint':{'type':'stdio'," + endpoint + "}}"))
        .isInstanceOf(Failure.BadRequest.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"'method':'bearer','config':{'token':'invented'}", "'config':{'client_id':'client-1'}",
      "'config':{'issuer':'https://issuer.example'}", "'credentials':{'access_token':'invented'}"})
  void recordOfAProgramHasNoCredentials(String authorization) {
    assertFails(Failure.BadRequest.class, ErrorCode.UNSUPPORTED_RECORD,
        () -> read("{'endpoint':{'type':'stdio','command':'everything'},'authorization':{" + authorization + "}}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://stdio.invalid/everything", "https://STDIO.invalid:8443/x"})
  void urlThatStandsForAProgramIsNoUsersToWrite(String url) {
    assertFails(Failure.BadRequest.class, ErrorCode.INVALID_REQUEST, () -> read("{'endpoint':{'url':'" + url + "'}}"));
  }
}
