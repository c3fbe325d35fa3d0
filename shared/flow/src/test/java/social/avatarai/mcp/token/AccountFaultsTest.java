package social.avatarai.mcp.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.AuthorizationCode;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.CodeVerifier;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.MovableClock;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.ScriptedOutbound;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.discovery.Strictness;
import social.avatarai.mcp.registration.ClientCredentials;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.Owner;

/** The account is read after the code is spent. A fault of ours in this costs the account, and never the tokens. */
class AccountFaultsTest {
  private static final String USERINFO = "https://auth.example/user";
  private static final ClientId CLIENT = new ClientId("client-1");

  private final MovableClock clock = new MovableClock();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final ScriptedOutbound outbound = new ScriptedOutbound();

  private static Deadline deadline() {
    return Deadline.in(Duration.ofSeconds(20));
  }

  @Test
  void faultWhileTheUserinfoEndpointIsAskedCostsTheAccountAlone() {
    var profiles = Profiles.read(Map.of("example", HttpResponses.object("{'issuer':'https://auth.example','account':"
        + "{'from':'userinfo','url':'" + USERINFO + "','id':'/id','label':'/login'}}")));
    outbound.failing(USERINFO, new IllegalStateException("invented fault"));
    var endpoint = new UserinfoEndpoint(outbound, profiles, clock,
        new Journal(new PrintStream(log, true, UTF_8), clock));
    var client = new ClientIdentity(Owner.deployment(), ClientIdentity.Origin.DYNAMIC, CLIENT,
        ClientAuthenticationMethod.NONE);
    var tokens = new Tokens(new AccessToken("invented-token"), null, Scopes.none(), clock.instant(), null);

    assertThat(endpoint.named(tokens, Examples.TARGET, client, null, deadline())).isEqualTo(tokens);
    assertThat(log.toString(UTF_8)).contains("account_not_named", "IllegalStateException");
  }

  /** The log fails once: there is no other way to make the reading of an ID token fail. */
  @Test
  void faultWhileAnIdTokenIsReadCostsTheAccountAlone() {
    String claims = Base64.getUrlEncoder().withoutPadding()
        .encodeToString("{\"iss\":\"https://other.example\",\"sub\":\"alice\"}".getBytes(UTF_8));
    outbound.responding(Examples.TOKEN_ENDPOINT.value(), HttpResponses.json(200,
        "{'access_token':'invented-token','token_type':'bearer','id_token':'e30." + claims + ".e30'}"));
    var rules = new IssuerRules(new Profiles(List.of()), Map.of(), Set.of(), Set.of(), Strictness.DEFAULT);
    var endpoint = new TokenEndpoint(outbound, rules, clock, new Journal(new FailingOnce(), clock));
    var exchange = new CodeExchange(Examples.TARGET, Examples.REDIRECT_URI,
        new CodeVerifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), Scopes.none(), Examples.TARGET.issuer());

    var response = endpoint.redeem(exchange, new AuthorizationCode("invented-code"), new ClientCredentials.None(CLIENT),
        deadline());

    assertThat(response).isInstanceOfSatisfying(TokenResponse.Granted.class, granted -> {
      assertThat(granted.tokens().accessToken().reveal()).isEqualTo("invented-token");
      assertThat(granted.tokens().identity()).isNull();
    });
    assertThat(log.toString(UTF_8)).contains("account_not_named", "IllegalStateException");
  }

  private final class FailingOnce extends PrintStream {
    private boolean failed;

    FailingOnce() {
      super(log, true, UTF_8);
    }

    @Override
    public void println(String line) {
      if (failed) {
        super.println(line);
        return;
      }
      failed = true;
      throw new IllegalStateException("invented fault");
    }
  }
}
