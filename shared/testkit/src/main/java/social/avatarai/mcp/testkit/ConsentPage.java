package social.avatarai.mcp.testkit;

import java.util.Objects;

/** The page on which a person with a browser approves or denies. It needs no login, because there are no accounts. */
final class ConsentPage {
  private static final String STYLE = """
      :root { color-scheme: light dark; }
      body { font: 1.0625rem/1.6 system-ui, sans-serif; max-width: 32rem; margin: 0 auto; padding: 10vh 1.25rem 2rem;
        color: #222; background: #fff; overflow-wrap: anywhere; }
      h1 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 1rem; }
      dt { color: #5c5c5c; font-size: .9rem; }
      dd { margin: 0 0 .75rem; }
      code { font: .875rem/1.6 ui-monospace, monospace; }
      button { font: inherit; padding: .5rem 1.25rem; margin: .5rem .5rem 0 0; border: 1px solid #767676;
        border-radius: .5rem; color: inherit; background: transparent; cursor: pointer; }
      button[value="approve"] { color: #fff; background: #0b57b0; border-color: #0b57b0; font-weight: 600; }
      button:focus-visible { outline: 3px solid #6aa5f0; outline-offset: 2px; }
      @media (prefers-color-scheme: dark) { body { color: #eee; background: #181818; } dt { color: #aaa; } }
      """;
  private static final String NONE = "none in particular";

  private ConsentPage() {}

  /**
   * Asks for a decision. The form sends the decision to {@code action}, together with {@code request}, the id of the
   * authorization request.
   */
  static Response of(FakeAuthorizationEndpoint.Asked asked, String action, String request) {
    String page = head() + about(asked) + form(action, request);
    return Response.html(200, page).with("Cache-Control", "no-store").with("Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'");
  }

  private static String head() {
    return """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Consent</title>
        <link rel="icon" href="data:,">
        <style>
        %s</style>
        </head>
        """.formatted(STYLE);
  }

  private static String about(FakeAuthorizationEndpoint.Asked asked) {
    var client = asked.client();
    return """
        <body>
        <main>
        <h1>%s asks for access</h1>
        <p>This is the demo authorization server of this machine: there is no account, and nothing real is behind it.</p>
        <p lang="zh-CN">这是本机的演示授权服务器：没有账号，也不涉及任何真实数据。</p>
        <dl>
        <dt>Client · 客户端</dt><dd><code>%s</code></dd>
        <dt>Resource · 资源</dt><dd><code>%s</code></dd>
        <dt>Scope · 权限范围</dt><dd><code>%s</code></dd>
        <dt>You will be sent back to · 返回地址</dt><dd><code>%s</code></dd>
        </dl>
        """
        .formatted(escape(Objects.requireNonNullElse(client.name(), "A client without a name")), escape(client.id()),
            escape(Objects.requireNonNullElse(asked.resource(), NONE)),
            escape(asked.scope().isEmpty() ? NONE : asked.scope()), escape(asked.redirectUri()));
  }

  private static String form(String action, String request) {
    return """
        <form method="post" action="%s">
        <input type="hidden" name="request" value="%s">
        <button name="decision" value="approve">Approve · 允许</button>
        <button name="decision" value="deny">Deny · 拒绝</button>
        </form>
        </main>
        </body>
        </html>
        """.formatted(escape(action), escape(request));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
  }
}
