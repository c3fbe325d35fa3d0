package social.avatarai.mcp.functions.accessresource;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.databind.node.ObjectNode;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Flow;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.DiscoveredResource;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;

/** Answers that consent is needed, and with {@code start=true} begins the flow at once. */
final class Consent {
  private Consent() {}

  static Reply needed(Flow flow, Request request, DiscoveredResource resource) {
    return answer(flow, request, resource, null, Json.newObject());
  }

  static Reply more(Flow flow, Request request, DiscoveredResource resource, Scopes required) {
    return answer(flow, request, resource, required, Json.newObject().put("required_scope", required.toString()));
  }

  private static Reply answer(Flow flow, Request request, DiscoveredResource resource, @Nullable Scopes required,
    ObjectNode more) {
    var code = required == null ? ErrorCode.AUTHORIZATION_REQUIRED : ErrorCode.INSUFFICIENT_SCOPE;
    if (!request.optional("start").orElse("false").equals("true")) {
      more.put("resource", resource.metadata().resource().value());
      more.put("connect", "GET /api/mcp/oauth/start-authorization");
      return Reply.error(code, "Consent is needed: start a flow, or send this again with start=true.", more);
    }
    var starting = new Flow.Starting(resource.server(), null, null, required, request.browserKey().orElse(null),
      request.optional("return_to").orElse(null));
    var begun = flow.consent(request.caller(), resource, required, starting, request.invocation());
    more.put("authorization_url", begun.authorizationUrl()).put("state", begun.state().value());
    return Reply.error(code, "Consent is needed: send the browser to authorization_url.", more)
      .withBrowserKey(begun.browser());
  }
}
