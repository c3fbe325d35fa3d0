package social.avatarai.mcp.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.http.OutboundRequest;

/**
 * The revocation of a provider that does not have the revocation of RFC 7009. The request has a JSON body with one
 * member, and the client authenticates by Basic. Any 2xx says that the token is revoked. Part of a {@link Profile}.
 *
 * @param method {@code method}: {@code POST} or {@code DELETE}
 * @param url {@code url}; {@code {client_id}} in it stands for the client's identifier
 * @param takes {@code token}: which token the provider takes
 * @param member {@code member}: the member of the body with the token
 * @param headers {@code headers}: headers of this request alone
 */
public record ProviderRevocation(String method, String url, Token takes, String member, Map<String, String> headers) {
  private static final String CLIENT_ID = "{client_id}";
  private static final Set<String> METHODS = Set.of("POST", "DELETE");

  /** The kinds of tokens. */
  public enum Token {
    ACCESS_TOKEN, REFRESH_TOKEN;

    private static Token of(String wireName) {
      return switch (wireName) {
        case "access_token" -> ACCESS_TOKEN;
        case "refresh_token" -> REFRESH_TOKEN;
        default -> throw new IllegalArgumentException("a profile revokes an unknown kind of token: " + wireName);
      };
    }
  }

  public ProviderRevocation {
    if (!METHODS.contains(method)) throw new IllegalArgumentException("a profile revokes by " + method);
    if (member.isEmpty()) throw new IllegalArgumentException("a revocation has no member for its token");
    headers = ProviderRequests.requireFree(headers);
    var _ = new EndpointUrl(url.replace(CLIENT_ID, "id"));
  }

  static ProviderRevocation read(JsonNode document) {
    return new ProviderRevocation(document.path("method").asText(), document.path("url").asText(),
        Token.of(document.path("token").asText()), document.path("member").asText(),
        ProviderRequests.texts(document.path("headers")));
  }

  /**
   * The URL for this client.
   *
   * @throws IllegalArgumentException if the identifier would lead to another path
   */
  public EndpointUrl url(ClientId client) {
    String id = client.value();
    // A segment of dots walks up in the path, however it is written (RFC 3986 §5.2.4).
    if (id.matches("\\.{1,2}")) throw new IllegalArgumentException("the client's identifier is no path segment");
    return new EndpointUrl(url.replace(CLIENT_ID, OutboundRequest.formEncode(id).replace("+", "%20")));
  }
}
