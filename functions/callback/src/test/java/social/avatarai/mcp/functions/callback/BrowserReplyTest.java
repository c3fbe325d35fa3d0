package social.avatarai.mcp.functions.callback;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;

/** What a browser takes to the app at the end of a flow. */
class BrowserReplyTest {
  private static final ConnectionId NOTES = new ConnectionId("notes");

  @Test
  void appIsToldWhichConnectionAnotherAccountWaitsFor() {
    assertThat(BrowserReply.fragment(NOTES, ErrorCode.ACCOUNT_CHANGED))
        .isEqualTo("#error=account_changed&connection=notes");
  }

  @Test
  void noOtherFailureNamesTheConnection() {
    assertThat(BrowserReply.fragment(NOTES, ErrorCode.AUTHORIZATION_DENIED)).isEqualTo("#error=authorization_denied");
  }

  @Test
  void userWithoutAReturnPageReadsThatTheAppDecides() {
    assertThat(CallbackPage.failed(ErrorCode.ACCOUNT_CHANGED)).contains("another account", "另一个账户");
  }
}
