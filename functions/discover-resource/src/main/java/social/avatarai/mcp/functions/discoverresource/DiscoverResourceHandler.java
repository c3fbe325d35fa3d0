package social.avatarai.mcp.functions.discoverresource;

import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.Wiring;

/** {@code GET /api/mcp/oauth/discover-resource?resource_url}: the whole metadata document, and how it was found. */
public final class DiscoverResourceHandler extends ApiHandler {
  private final Flow flow;

  public DiscoverResourceHandler() {
    this(Wiring.primed());
  }

  DiscoverResourceHandler(Wiring wiring) {
    super(wiring);
    this.flow = wiring.flow();
  }

  @Override
  protected Reply handle(Request request) {
    var found = flow.discoverResource(request.caller(), request.url("resource_url"), request.deadline());
    var body = found.metadata().document().deepCopy();
    body.putObject("discovery").put("found_by", found.found().wireName()).put("metadata_url",
        found.metadataUrl().redacted());
    return Reply.ok(body);
  }
}
