package social.avatarai.mcp.functions.callback;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import social.avatarai.mcp.ErrorCode;

class CallbackPageTest {

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void saysAtEachFailureInBothLanguagesWhatTheUserCanDo(ErrorCode error) {
    assertThat(CallbackPage.failed(error)).containsPattern("<p>[^<]* in the app|<p>[^<]*back to the app")
        .containsPattern("<p lang=\"zh-CN\">[^<]*应用").contains("<code>" + error.wireName() + "</code>");
  }

  @Test
  void saysInPlainWordsWhatIsTheMatterWithALink() {
    assertThat(CallbackPage.failed(ErrorCode.UNKNOWN_STATE))
        .contains("<title>This link has expired or is not valid.</title>",
            "<h1>This link has expired or is not valid.</h1>",
            "此链接已过期或无效。");
  }

  @Test
  void saysWhatToSetWhereNoReturnPageMayCompleteTheFlow() {
    assertThat(CallbackPage.withoutReturnPage()).contains("<code>session_mismatch</code>", "Go back to the app",
        "name a page of the app in <code>ReturnToAllowlist</code>", "请在 <code>ReturnToAllowlist</code> 中设置");
  }

  /** The flow is not over then: the page must not send its user back to the app. */
  @Test
  void saysThatAPageWithoutASlotIsToBeReloaded() {
    assertThat(CallbackPage.busy()).contains("then reload this page", "然后刷新此页面", "<code>too_many_requests</code>");
  }

  @Test
  void fitsAPhoneAndADarkRoom() {
    assertThat(CallbackPage.connected()).contains("width=device-width", "overflow-wrap: anywhere",
        "prefers-color-scheme: dark", "You can close this page", "您可以关闭此页面");
  }
}
