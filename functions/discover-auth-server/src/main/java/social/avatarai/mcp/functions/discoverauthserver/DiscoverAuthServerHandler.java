package social.avatarai.mcp.functions.discoverauthserver;

import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.Wiring;

/**
 * {@code GET /api/mcp/oauth/discover-auth-server?auth_server_url}: the whole metadata document, and where it comes from.
 */
public final class DiscoverAuthServerHandler extends ApiHandler {
  private final Flow flow;

  public DiscoverAuthServerHandler() {
    this(Wiring.primed());
  }

  DiscoverAuthServerHandler(Wiring wiring) {
    super(wiring);
    this.flow = wiring.flow();
  }

  @Override
  protected Reply handle(Request request) {
    var found = flow.discoverAuthorizationServer(request.caller(), request.issuer("auth_server_url"),
        request.deadline());
    var body = found.metadata().document().deepCopy();
    var url = found.metadataUrl();
    body.putObject("discovery").put("found_by", found.source().wireName())
        .put("metadata_url", url == null ? null : url.value());
    return Reply.ok(body);
  }
}
