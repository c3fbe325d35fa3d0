package social.avatarai.mcp.functions.callback;

import social.avatarai.mcp.ErrorCode;

/** The callback's own page, in English and Chinese. Fixed texts only: nothing that a server sent is ever on it. */
final class CallbackPage {
  private static final String PAGE = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>%s</title>
      <style>
      body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 32rem; margin: 18vh auto 0; padding: 0 1.5rem; color: #222; }
      h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
      p { margin: 0 0 1.5rem; }
      code { color: #666; font-size: .9rem; }
      @media (prefers-color-scheme: dark) { body { background: #181818; color: #eee; } code { color: #aaa; } }
      </style>
      </head>
      <body>
      <main>
      <h1>%s</h1>
      <p>%s</p>
      <h1 lang="zh-CN">%s</h1>
      <p lang="zh-CN">%s</p>
      %s
      </main>
      </body>
      </html>
      """;

  private CallbackPage() {}

  static String connected() {
    return PAGE.formatted("Connected", "Connected", "You can close this window and go back to the app.", "已连接",
        "您可以关闭此窗口，返回应用。", "");
  }

  static String failed(ErrorCode error) {
    String code = "<p><code>" + error.wire() + "</code></p>";
    if (error == ErrorCode.AUTHORIZATION_DENIED) {
      return PAGE.formatted("Not connected", "Not connected", "Access was not granted. You can try again in the app.",
          "未连接", "未获得授权。您可以在应用中重试。", code);
    }
    if (error == ErrorCode.UNKNOWN_STATE) {
      return PAGE.formatted("Not connected", "This link is over",
          "It has expired or was never ours. Start again in the app.",
          "链接已失效", "链接已过期或无效。请在应用中重新开始。", code);
    }
    return PAGE.formatted("Not connected", "Not connected", "Something went wrong. Start again in the app.", "未连接",
        "出现问题。请在应用中重新开始。", code);
  }
}
