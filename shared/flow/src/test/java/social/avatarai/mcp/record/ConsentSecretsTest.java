package social.avatarai.mcp.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Profiles;

/** Where the secrets of a consent may stand in a record. */
class ConsentSecretsTest {
  private static final ConnectionKey KEY = new ConnectionKey(new UserId("did:plc:inventeduser"),
      new ConnectionId("github-mcp"));
  private static final Profiles PROFILES = Profiles.load();
  private static final String SECRETS = "'config':{'client_id':'c','client_secret':'canary-of-the-client','issuer':"
      + "'https://auth.example'},'credentials':{'access_token':'canary-of-the-access','refresh_token':"
      + "'canary-of-the-refresh','scope':'%s'}";

  private static ObjectNode record(String authorization, String more) {
    return HttpResponses.object("{'endpoint':{'url':'https://mcp.example/mcp'}," + more + "'authorization':{"
        + authorization + "}}");
  }

  private static ServerRecord read(ObjectNode record) {
    return ServerRecord.read(KEY, record, PROFILES);
  }

  private static Failure failure(ObjectNode record) {
    return catchThrowableOfType(Failure.class, () -> read(record));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      'description':'is %s',              | canary-of-the-client  | config.client_secret
      'about':'is %s',                    | canary-of-the-access  | credentials.access_token
      'schema':'%s',                      | canary-of-the-refresh | credentials.refresh_token
      'schema':{'title':'%s'},            | canary-of-the-client  | config.client_secret
      'extra':{'list':[{'%s':1}]},        | canary-of-the-access  | credentials.access_token
      '%s':null,                          | canary-of-the-refresh | credentials.refresh_token
      """)
  void secretInAnotherMemberIsRefusedAndNotRepeated(String member, String value, String named) {
    var failure = failure(record(SECRETS.formatted(""), member.formatted(value)));
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(failure.safeMessage()).contains("The record has the value of its authorization." + named + " in another")
        .doesNotContain("canary");
  }

  @ParameterizedTest
  @ValueSource(strings = {"canary-of-the-client", "canary-of-the-access", "canary-of-the-refresh"})
  void secretInTheScopeOfTheCredentialsIsRefused(String value) {
    assertThat(failure(record(SECRETS.formatted("repo " + value), "")).safeMessage()).contains("in another member too")
        .doesNotContain("canary");
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "bearer", "api_key", "headers"})
  void secretOfAConsentBesideAnotherMethodIsRefusedWithItsMember(String method) {
    String other = "'method':'" + method + "',";
    var client = failure(record(other + "'config':{'client_id':'c','client_secret':'canary'}", ""));
    assertThat(client.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(client.safeMessage()).isEqualTo("The record's authorization.config.client_secret is not used with the "
        + "authorization.method " + method + ": leave it out, or use the method oauth2.");
    for (String member : new String[]{"access_token", "refresh_token"}) {
      var token = failure(record(other + "'credentials':{'" + member + "':'canary'}", ""));
      assertThat(token.safeMessage()).startsWith("The record's authorization.credentials." + member + " is not used")
          .doesNotContain("canary");
    }
  }

  /** The document of an app keeps the public id of a client where a server needs no consent any more. */
  @Test
  void clientIdBesideAnotherMethodSurvivesAndIsNotUsed() {
    var record = read(record("'method':'none','config':{'client_id':'c','redirect_uri':'https://app.example/back',"
        + "'issuer':'https://auth.example'}", ""));
    assertThat(record.client()).isEqualTo(new ServerRecord.Client(null, null, null, null, null, null));
    assertThat(record.document().at("/authorization/config/client_id").asText()).isEqualTo("c");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "{}", "{'client_id':'','client_secret':'','redirect_uri':''}"})
  void zeroValuesBesideTheMethodNonePass(String config) {
    var credentials = "{'access_token':'','expires_at':'0001-01-01T00:00:00Z','expires_in':0,'refresh_token':'',"
        + "'scope':'','token_type':''}";
    var record = read(record("'method':'none','status':'','scopes':'','config':" + config + ",'credentials':"
        + credentials + ",'expireAt':-62135596800", ""));
    assertThat(record.credentials()).isNull();
    assertThat(record.client().id()).isNull();
  }
}
