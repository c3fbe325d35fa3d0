package social.avatarai.mcp.lambda;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.token.Grant.Warning;

/**
 * The members of a response that describe a flow that has begun: where to send the browser, and what the user should
 * know.
 */
public final class FlowBody {
  private FlowBody() {}

  /**
   * Adds {@code authorization_url} and {@code state}, and what the user is about to trust: {@code issuer}, {@code
   * resource}, {@code scope} and {@code warnings}.
   */
  public static ObjectNode addTo(ObjectNode body, AuthorizationStarted begun) {
    var trusted = begun.trusted();
    body.put("authorization_url", begun.authorizationUrl()).put("state", begun.state().value())
        .put("issuer", trusted.issuer().value()).put("resource", trusted.resource().value())
        .put("scope", trusted.scope().toString());
    return addWarnings(body, begun.warnings());
  }

  static ObjectNode addWarnings(ObjectNode body, Set<Warning> warnings) {
    var codes = body.putArray("warnings");
    warnings.stream().map(Warning::wireName).sorted().forEach(codes::add);
    return body;
  }
}
