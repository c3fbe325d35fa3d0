package social.avatarai.mcp.discovery;

import java.util.Map;
import java.util.Set;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.http.OutboundRequest;

/**
 * The revocation of a provider that does not have the revocation of RFC 7009. Any 2xx without an error in its body says
 * that the token is revoked. Part of a {@link Profile}.
 *
 * @param method {@code method}: {@code POST} or {@code DELETE}
 * @param url {@code url}; {@code {client_id}} in it stands for the client's identifier
 * @param takes {@code token}: which token the provider takes
 * @param member {@code member}: the member of the body with the token
 * @param headers {@code headers}: headers of this request alone
 * @param body {@code body}: {@code json}, the default, or {@code form}
 * @param client {@code client}: where the client's credentials stand: {@code basic}, the default; {@code body}; or
 *        {@code none}, where the token alone is enough
 */
public record ProviderRevocation(String method, String url, Token takes, String member, Map<String, String> headers,
    Body body, ClientIn client) {
  private static final String CLIENT_ID = "{client_id}";
  private static final Set<String> METHODS = Set.of("POST", "DELETE");

  /** The kinds of tokens. */
  public enum Token {
    ACCESS_TOKEN, REFRESH_TOKEN;

    private static Token of(String wireName) {
      return switch (wireName) {
        case "access_token" -> ACCESS_TOKEN;
        case "refresh_token" -> REFRESH_TOKEN;
        default -> throw new IllegalArgumentException("must be access_token or refresh_token");
      };
    }
  }

  /** The forms of a body. */
  public enum Body {
    JSON, FORM;

    private static Body of(String wireName) {
      return switch (wireName) {
        case "json" -> JSON;
        case "form" -> FORM;
        default -> throw new IllegalArgumentException("must be json or form");
      };
    }
  }

  /** Where the credentials of the client stand in the request. */
  public enum ClientIn {
    BASIC, BODY, NONE;

    private static ClientIn of(String wireName) {
      return switch (wireName) {
        case "basic" -> BASIC;
        case "body" -> BODY;
        case "none" -> NONE;
        default -> throw new IllegalArgumentException("must be basic, body or none");
      };
    }
  }

  /** A JSON body, with Basic beside it. */
  public ProviderRevocation(String method, String url, Token takes, String member, Map<String, String> headers) {
    this(method, url, takes, member, headers, Body.JSON, ClientIn.BASIC);
  }

  public ProviderRevocation {
    if (!METHODS.contains(method)) throw new IllegalArgumentException("must have the method POST or DELETE");
    if (member.isEmpty()) throw new IllegalArgumentException("has no member for its token");
    if (body == Body.FORM && !method.equals("POST")) throw new IllegalArgumentException("must be POST with a form");
    headers = ProviderRequests.requireFree(headers);
    var _ = new EndpointUrl(url.replace(CLIENT_ID, "id"));
  }

  static ProviderRevocation read(ProfileMembers members) {
    String method = members.required("method");
    String url = members.required("url");
    var takes = members.checked("token", () -> Token.of(members.required("token")));
    String member = members.required("member");
    var body = members.value("body", Body::of).orElse(Body.JSON);
    var client = members.value("client", ClientIn::of).orElse(ClientIn.BASIC);
    var headers = members.map("headers");
    return members.all(() -> new ProviderRevocation(method, url, takes, member, headers, body, client));
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
