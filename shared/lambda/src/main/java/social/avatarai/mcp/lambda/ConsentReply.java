package social.avatarai.mcp.lambda;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.discovery.DiscoveredResource;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.registration.ClientChoice;
import social.avatarai.mcp.resource.Access;

/** Replies that consent is needed. With {@code start=true} it also begins the flow. */
public final class ConsentReply {
  private ConsentReply() {}

  /** The reply in place of a result that is withheld until the user has consented. */
  public static Reply of(Flow flow, Request request, Target target, Access.Withheld withheld) {
    return switch (withheld) {
      case Access.ConsentNeeded needed -> needed(flow, request, target, needed);
      case Access.StepUpNeeded more -> more(flow, request, target, more);
      case Access.NoUsableToken stuck -> instead(flow, request, target, stuck);
    };
  }

  private static Reply needed(Flow flow, Request request, Target target, Access.ConsentNeeded needed) {
    var resource = needed.resource();
    var consent = request.consent();
    var start = consent.counted(needed.counted()).forServer(server(target, needed.connection()))
        .replacing(consent.replaceable().or(needed.replaceable()));
    return answer(flow, request, ErrorCode.AUTHORIZATION_REQUIRED, start, resource, Json.newObject());
  }

  private static Reply more(Flow flow, Request request, Target target, Access.StepUpNeeded more) {
    var start = request.consent().counted(more.counted()).forServer(server(target, more.connection())).at(more.issuer())
        .as(ClientChoice.of(more.clientId())).requesting(more.required());
    return answer(flow, request, ErrorCode.INSUFFICIENT_SCOPE, start, more.resource(),
        Json.newObject().put("required_scope", more.required().toString()));
  }

  /** In place of a token that is not usable now. */
  private static Reply instead(Flow flow, Request request, Target target, Access.NoUsableToken stuck) {
    var start = request.consent().forServer(server(target, stuck.connection()));
    return begun(ErrorCode.AUTHORIZATION_REQUIRED, Json.newObject(),
        flow.consentInstead(request.caller(), stuck, start, request.invocation()));
  }

  /** Whether the caller wants a flow to begin where consent is needed. */
  public static boolean isWanted(Request request) {
    return request.optional("start").orElse("false").equals("true");
  }

  private static Reply begun(ErrorCode code, ObjectNode more, AuthorizationStarted begun) {
    return Reply.error(code, "Consent is needed: send the browser to authorization_url.", FlowBody.addTo(more, begun))
        .withBrowserKey(begun.browser());
  }

  /**
   * The server record that consent is for: the record that the caller named, or the record of the grant that was used.
   * It is null when consent is for a resource without a record.
   */
  private static @Nullable ConnectionId server(Target target, @Nullable ConnectionId askedWith) {
    var connection = target instanceof Target.ByConnection(var named) ? named : askedWith;
    return connection == null || connection.isOfResource() ? null : connection;
  }

  private static String route(@Nullable ConnectionId server) {
    return server == null ? "GET /api/mcp/oauth/start-authorization" : "POST /api/mcp/servers/" + server + "/connect";
  }

  private static Reply answer(Flow flow, Request request, ErrorCode code, AuthorizationStart start,
      DiscoveredResource resource, ObjectNode more) {
    if (!isWanted(request)) {
      more.put("resource", resource.metadata().resource().value());
      more.put("connect", route(start.server()));
      return Reply.error(code, "Consent is needed: start a flow, or send this again with start=true.", more);
    }
    var begun = code == ErrorCode.INSUFFICIENT_SCOPE
        ? flow.stepUp(request.caller(), resource, start, request.invocation())
        : flow.consent(request.caller(), resource, start, request.invocation());
    return begun(code, more, begun);
  }
}
