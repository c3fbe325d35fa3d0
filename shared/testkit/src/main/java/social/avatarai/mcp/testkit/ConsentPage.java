package social.avatarai.mcp.testkit;

/** The page on which a person with a browser approves or denies; it needs no login, because there are no accounts. */
final class ConsentPage {
  private ConsentPage() {}

  static Response of(AuthorizationEndpoint.Asked asked, String action, String request) {
    String resource = asked.resource() == null ? "no particular resource" : asked.resource();
    String page = """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><title>Consent</title></head>
        <body>
        <h1>Demo authorization server</h1>
        <p>The client <code>%s</code> asks for access to <code>%s</code>.</p>
        <p>Scope: <code>%s</code></p>
        <p>You will be sent back to <code>%s</code>.</p>
        <form method="post" action="%s">
        <input type="hidden" name="request" value="%s">
        <button name="decision" value="approve">Approve</button>
        <button name="decision" value="deny">Deny</button>
        </form>
        </body>
        </html>
        """.formatted(escape(asked.client().id()), escape(resource), escape(asked.scope()), escape(asked.redirectUri()),
        escape(action), escape(request));
    return Response.html(200, page).with("Cache-Control", "no-store")
        .with("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
  }
}
