package social.avatarai.mcp.functions.clientmetadata;

import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.Wiring;

/**
 * {@code GET /api/mcp/oauth/client-metadata.json}, {@code …/client-metadata/{context}.json} and {@code …/jwks.json}:
 * our Client ID Metadata Documents and our public keys. The routes are public, because authorization servers fetch the
 * documents.
 */
public final class ClientMetadataHandler extends ApiHandler {
  private final Flow flow;

  public ClientMetadataHandler() {
    this(Wiring.fromEnvironment());
  }

  ClientMetadataHandler(Wiring wiring) {
    super(wiring);
    this.flow = wiring.flow();
  }

  @Override
  protected boolean isPublic() { return true; }

  @Override
  protected Reply handle(Request request) {
    if (request.path().endsWith("/jwks.json")) return Reply.document(flow.publicKeys());
    var document = request.pathParameter("document");
    return Reply.document(document.isEmpty()
        ? flow.clientMetadata(request.invocation().base(), null)
        : flow.clientMetadata(request.invocation().base(), context(document.get())));
  }

  private static IssuerContext context(String document) {
    String name = document.endsWith(".json") ? document.substring(0, document.length() - 5) : "";
    if (IssuerContext.isValid(name)) return new IssuerContext(name);
    throw new Failure.Unknown(ErrorCode.NOT_FOUND, "There is no such document.");
  }
}
