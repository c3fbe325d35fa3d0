package social.avatarai.mcp.functions.accessresource;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Access;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Flow;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.DiscoveredResource;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;

/** Answers that consent is needed, and with {@code start=true} begins the flow at once. */
final class Consent {
  private Consent() {}

  static Reply needed(Flow flow, Request request, DiscoveredResource resource) {
    return answer(flow, request, ErrorCode.AUTHORIZATION_REQUIRED, starting(request, resource, null, null, null),
        resource, Json.newObject());
  }

  static Reply more(Flow flow, Request request, Access.StepUpNeeded more) {
    var starting = starting(request, more.resource(), more.required(), more.issuer(), more.clientId());
    return answer(flow, request, ErrorCode.INSUFFICIENT_SCOPE, starting, more.resource(),
        Json.newObject().put("required_scope", more.required().toString()));
  }

  private static Flow.Starting starting(Request request, DiscoveredResource resource, @Nullable Scopes scope,
      @Nullable Issuer issuer, @Nullable ClientId clientId) {
    return new Flow.Starting(resource.server(), issuer, clientId, scope, request.browserKey().orElse(null),
        request.optional("return_to").orElse(null));
  }

  private static Reply answer(Flow flow, Request request, ErrorCode code, Flow.Starting starting,
      DiscoveredResource resource, ObjectNode more) {
    if (!request.optional("start").orElse("false").equals("true")) {
      more.put("resource", resource.metadata().resource().value());
      more.put("connect", "GET /api/mcp/oauth/start-authorization");
      return Reply.error(code, "Consent is needed: start a flow, or send this again with start=true.", more);
    }
    var begun = flow.consent(request.caller(), resource, starting, request.invocation());
    more.put("authorization_url", begun.authorizationUrl()).put("state", begun.state().value());
    return Reply.error(code, "Consent is needed: send the browser to authorization_url.", more)
        .withBrowserKey(begun.browser());
  }
}
