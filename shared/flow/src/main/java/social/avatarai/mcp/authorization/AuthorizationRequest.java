package social.avatarai.mcp.authorization;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.State;
import social.avatarai.mcp.discovery.ProviderRequests;
import social.avatarai.mcp.http.OutboundRequest;

/** Builds the URL that the browser is sent to (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707 §2.1). Pure. */
final class AuthorizationRequest {
  /** What only we say, whichever way the request takes. */
  static final Set<String> RESERVED = Set.of("response_type", "client_id", "redirect_uri", "resource", "state",
      "code_challenge", "code_challenge_method", "scope", "request", "request_uri");

  private AuthorizationRequest() {}

  /** The parameters of a request, as this provider wants them. */
  static Map<String, String> parameters(AuthorizationSession session, State state, ProviderRequests provider) {
    var request = session.request();
    var ours = new LinkedHashMap<String, String>();
    ours.put("response_type", "code");
    ours.put("client_id", session.client().id().value());
    ours.put("redirect_uri", request.redirectUri().value());
    if (provider.namesResource()) ours.put("resource", session.target().resource().value());
    ours.put("state", state.value());
    ours.put("code_challenge", request.verifier().challenge());
    ours.put("code_challenge_method", "S256");
    if (!request.scope().isEmpty()) ours.put("scope", request.scope().toString());
    String resource = session.target().resource().value();
    provider.authorization()
        .forEach((name, value) -> ours.put(name, value.replace(ProviderRequests.RESOURCE, resource)));
    return ours;
  }

  static String url(EndpointUrl endpoint, Map<String, String> parameters) {
    return merge(endpoint.value(), parameters);
  }

  /** The URL for a request that was pushed (RFC 9126 §4). */
  static String url(EndpointUrl endpoint, ClientId client, String requestUri) {
    var ours = new LinkedHashMap<String, String>();
    ours.put("client_id", client.value());
    ours.put("request_uri", requestUri);
    return merge(endpoint.value(), ours);
  }

  /**
   * Keeps the endpoint's own query (RFC 6749 §3.1), except for the reserved parameters and those that are sent, so that
   * each is there once at most, with our value.
   */
  private static String merge(String endpoint, Map<String, String> ours) {
    int mark = endpoint.indexOf('?');
    String base = mark < 0 ? endpoint : endpoint.substring(0, mark);
    var query = new ArrayList<String>();
    if (mark >= 0) {
      List.of(endpoint.substring(mark + 1).split("&", -1)).stream()
          .filter(pair -> !pair.isEmpty() && !RESERVED.contains(name(pair)) && !ours.containsKey(name(pair)))
          .forEach(query::add);
    }
    query.add(OutboundRequest.formBody(ours));
    return base + "?" + String.join("&", query);
  }

  /** The name of a parameter, decoded as the server will decode it. */
  private static String name(String pair) {
    int equals = pair.indexOf('=');
    return URLDecoder.decode(equals < 0 ? pair : pair.substring(0, equals), UTF_8);
  }
}
