package social.avatarai.mcp.functions.callback;

import social.avatarai.mcp.ErrorCode;

/**
 * The callback's own page, in English and Chinese: what happened, and what the user can do next. All texts are fixed:
 * nothing that a server sent appears on the page.
 */
final class CallbackPage {
  private static final String STYLE = """
      :root { color-scheme: light dark; }
      body { font: 1.0625rem/1.6 system-ui, sans-serif; max-width: 32rem; margin: 0 auto; padding: 14vh 1.25rem 2rem;
        color: #222; background: #fff; overflow-wrap: anywhere; }
      h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .5rem; }
      p { margin: 0 0 2rem; }
      code { font: .875rem/1.6 ui-monospace, monospace; color: #5c5c5c; }
      @media (prefers-color-scheme: dark) { body { color: #eee; background: #181818; } code { color: #aaa; } }
      """;

  private CallbackPage() {}

  static String connected() {
    return page(new Words("Connected", "You can close this page and go back to the app.",
        "已连接", "您可以关闭此页面，返回应用。"), "");
  }

  /** The page for a flow that must wait for other calls of its user. */
  static String busy() {
    return page(new Words("Not connected yet", "Too many connections are being made for you at the moment. Wait a few "
        + "seconds, then reload this page.", "尚未连接", "目前正在为您建立的连接过多。请等待几秒钟，然后刷新此页面。"),
        "<p><code>" + ErrorCode.TOO_MANY_REQUESTS.wireName() + "</code></p>\n");
  }

  static String failed(ErrorCode error) {
    return page(words(error), "<p><code>" + error.wireName() + "</code></p>\n");
  }

  /** The page for a deployment without a return page: what the user can do, and what the app's developers must set. */
  static String withoutReturnPage() {
    return page(words(ErrorCode.SESSION_MISMATCH), "<p><code>" + ErrorCode.SESSION_MISMATCH.wireName() + "</code></p>\n"
        + """
            <p>For the app's developers: name a page of the app in <code>ReturnToAllowlist</code>. A flow that the app's back end
            starts is completed there.</p>
            <p lang="zh-CN">致应用的开发者：请在 <code>ReturnToAllowlist</code> 中设置应用的一个页面。由应用后端发起的流程将在该页面完成。</p>
            """);
  }

  private record Words(String title, String text, String chineseTitle, String chineseText) {
    static Words notConnected(String text, String chineseText) {
      return new Words("Not connected", text, "未连接", chineseText);
    }
  }

  private static String page(Words words, String code) {
    return """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%2$s</title>
        <style>
        %1$s</style>
        </head>
        <body>
        <main>
        <h1>%2$s</h1>
        <p>%3$s</p>
        <h1 lang="zh-CN">%4$s</h1>
        <p lang="zh-CN">%5$s</p>
        %6$s</main>
        </body>
        </html>
        """.formatted(STYLE, words.title(), words.text(), words.chineseTitle(), words.chineseText(), code);
  }

  private static Words words(ErrorCode error) {
    return switch (error) {
      case AUTHORIZATION_DENIED -> Words.notConnected("Access was not granted. You can try again in the app.",
          "未获得授权。您可以在应用中重试。");
      case UNKNOWN_STATE -> new Words("This link has expired or is not valid.",
          "Go back to the app and connect again.", "此链接已过期或无效。", "请返回应用，重新连接。");
      case SESSION_MISMATCH -> new Words("This page cannot finish the connection.",
          "The connection was started in another browser, or this browser keeps no cookies. Go back to the app. If the app"
              + " does not show the connection, start again there, in this browser. If you see this page again, show it to"
              + " the app's support.",
          "此页面无法完成连接。", "连接是在另一个浏览器中发起的，或者此浏览器不保存 Cookie。请返回应用；如果应用中没有显示该连接，请在此浏览器中重新开始。"
              + "如果再次看到此页面，请把它提供给应用的支持人员。");
      case SERVER_CHANGED -> Words.notConnected(
          "The server's entry in the app was changed meanwhile. Connect the server again in the app.",
          "应用中的服务器记录在此期间已被更改。请在应用中重新连接该服务器。");
      case ACCOUNT_CHANGED -> new Words("This is another account",
          "You granted access with another account than before. Go back to the app: it shows both accounts, and you decide"
              + " there which one to keep. Until then the app uses the account from before.",
          "这是另一个账户", "您这次授权使用的账户与之前不同。请返回应用：应用会显示这两个账户，由您决定保留哪一个。在您决定之前，应用继续使用之前的账户。");
      case TOO_MANY_REQUESTS -> Words.notConnected(
          "You have connected as many servers as you can. Disconnect one in the app, then connect again.",
          "您连接的服务器数量已达上限。请在应用中断开一个服务器，然后重新连接。");
      case UPSTREAM_UNREACHABLE, UPSTREAM_TIMEOUT, OUTCOME_UNKNOWN -> Words.notConnected(
          "The other service did not respond. Wait a few minutes, then connect again in the app.",
          "对方服务没有响应。请等待几分钟，然后在应用中重新连接。");
      default -> Words.notConnected(
          "Something went wrong. Connect again in the app. If that fails too, show the code below to the app's support.",
          "出现问题。请在应用中重新连接。如果仍然失败，请把下面的代码提供给应用的支持人员。");
    };
  }
}
