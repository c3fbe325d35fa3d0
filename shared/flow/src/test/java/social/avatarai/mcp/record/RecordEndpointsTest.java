package social.avatarai.mcp.record;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.discovery.StatedEndpoints;

/** The endpoints that a record states in {@code authorization.config}. */
class RecordEndpointsTest {
  private static final ConnectionKey KEY = new ConnectionKey(new UserId("did:plc:inventeduser"),
      new ConnectionId("invented-server"));
  private static final String CLIENT = "'issuer':'https://as.example','client_id':'client-1',";
  private static final String BOTH = "'authorization_endpoint':'https://as.example/authorize?owner=user',"
      + "'token_endpoint':'https://as.example/token'";

  private static @Nullable StatedEndpoints endpoints(String config) {
    return ServerRecord.read(KEY, HttpResponses.object("{'endpoint':{'url':'https://mcp.example/mcp'},"
        + "'authorization':{'config':{" + config + "}}}"), Profiles.load()).client().endpoints();
  }

  @Test
  void areReadWithTheirDefaults() {
    var stated = requireNonNull(endpoints(CLIENT + BOTH));
    assertThat(stated.authorization().value()).isEqualTo("https://as.example/authorize?owner=user");
    assertThat(stated.token().value()).isEqualTo("https://as.example/token");
    assertThat(stated.revocation()).isNull();
    assertThat(stated.scopeSeparator()).isEqualTo(" ");
    var full = requireNonNull(
        endpoints(CLIENT + BOTH + ",'revocation_endpoint':'https://as.example/revoke','scope_separator':','"));
    assertThat(full.revocation()).hasToString("https://as.example/revoke");
    assertThat(full.scopeSeparator()).isEqualTo(",");
  }

  @Test
  void zeroValuesStateNothing() {
    assertThat(endpoints(CLIENT + "'authorization_endpoint':'','token_endpoint':null,'revocation_endpoint':'',"
        + "'scope_separator':''")).isNull();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      'token_endpoint':'https://as.example/token'                          | token_endpoint
      'authorization_endpoint':'https://as.example/authorize'              | authorization_endpoint
      'revocation_endpoint':'https://as.example/revoke'                    | revocation_endpoint
      'scope_separator':','                                                | scope_separator
      'authorization_endpoint':5,'token_endpoint':'https://as.example/t'   | authorization_endpoint
      'authorization_endpoint':'https://as.example/a','token_endpoint':'https://as.example/t','scope_separator':';' | scope_separator
      """)
  void aRecordThatStatesHalfOfThemIsRefusedWithTheNameOfTheMember(String members, String named) {
    var failure = catchThrowableOfType(Failure.BadRequest.class, () -> endpoints(CLIENT + members));
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(failure.safeMessage()).contains(named);
  }

  @ParameterizedTest
  @CsvSource({"token_endpoint,http://as.example/token", "token_endpoint,https://as.example/token?key=invented",
      "authorization_endpoint,javascript:alert(1)", "authorization_endpoint,https://user@as.example/authorize",
      "authorization_endpoint,https://as.example/authorize?***", "authorization_endpoint,https://as.example/a#fragment",
      "revocation_endpoint,https://as.example/revoke?key=invented", "revocation_endpoint,not a url"})
  void urlThatIsNotForSecretsIsRefusedWithTheNameOfTheMember(String member, String url) {
    var failure = catchThrowableOfType(Failure.BadRequest.class,
        () -> endpoints(CLIENT + BOTH.replace("'" + member + "'", "'replaced'") + ",'" + member + "':'" + url + "'"));
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_URL);
    assertThat(failure.safeMessage()).contains("authorization.config." + member);
  }

  @Test
  void goWithAnIssuerAndAClient() {
    for (String without : new String[]{"", "'issuer':'https://as.example',"}) {
      assertThat(catchThrowableOfType(Failure.BadRequest.class, () -> endpoints(without + BOTH)).safeMessage())
          .contains("issuer and client_id");
    }
  }
}
