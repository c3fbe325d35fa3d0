package social.avatarai.mcp.functions.redirecturi;

import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.Wiring;

/**
 * {@code GET /api/mcp/oauth/redirect-uri?auth_server_url}: the redirect URI to register by hand at an issuer, and
 * whether the plain callback may be registered there instead. The redirect URI depends on the issuer's own spelling, so
 * the issuer's metadata is read. An issuer that has none, or that cannot be asked now, is used as it is written, and marked.
 */
public final class RedirectUriHandler extends ApiHandler {
  private final Flow flow;

  public RedirectUriHandler() {
    this(Wiring.fromEnvironment());
  }

  RedirectUriHandler(Wiring wiring) {
    super(wiring);
    this.flow = wiring.flow();
  }

  @Override
  protected Reply handle(Request request) {
    var found = flow.redirectUris(request.caller(), request.issuer("auth_server_url"), request.invocation());
    var uris = found.uris();
    var body = Json.newObject().put("issuer", uris.issuer().value()).put("redirect_uri", uris.own().value())
        .put("published", found.published()).put("plain_callback", uris.sharesPlain());
    uris.plain().ifPresent(plain -> body.put("plain_redirect_uri", plain.value()));
    return Reply.ok(body);
  }
}
