package social.avatarai.mcp.discovery;

import com.fasterxml.jackson.core.JsonPointer;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;

/**
 * Where a provider says whose account a grant is for. Part of a {@link Profile}. The members are named by JSON Pointers
 * (RFC 6901), because providers put them into objects of their own: {@code /owner/user/id}.
 *
 * @param kind {@code from}: what has the members
 * @param url {@code url}: where {@link Kind#USERINFO} is read with the access token; null for the other kinds
 * @param id {@code id}: the members that together tell one account from all others at this provider. In a profile one
 *        pointer, or a list
 * @param label {@code label}: the members that together show a person which account it is; none if there are none. In a
 *        profile one pointer, or a list
 */
public record AccountSource(Kind kind, @Nullable EndpointUrl url, List<JsonPointer> id, List<JsonPointer> label) {

  /** What has the members. */
  public enum Kind {
    /** The claims of the {@code id_token} in the token response (OpenID Connect Core §3.1.3.3). */
    ID_TOKEN,
    /** The token response itself. */
    TOKEN_RESPONSE,
    /** The response to a GET that carries the access token. */
    USERINFO;

    private static Kind of(String wireName) {
      return switch (wireName) {
        case "id_token" -> ID_TOKEN;
        case "token_response" -> TOKEN_RESPONSE;
        case "userinfo" -> USERINFO;
        default -> throw new IllegalArgumentException("must be id_token, token_response or userinfo");
      };
    }
  }

  public AccountSource {
    id = List.copyOf(id);
    label = List.copyOf(label);
    if (id.isEmpty()) throw new IllegalArgumentException("has no id");
    if (Stream.concat(id.stream(), label.stream()).anyMatch(JsonPointer::matches))
      throw new IllegalArgumentException("names the whole document, not a member of it");
    if ((kind == Kind.USERINFO) != (url != null))
      throw new IllegalArgumentException("must have a url if, and only if, it is from userinfo");
  }

  static AccountSource read(ProfileMembers members) {
    var kind = members.checked("from", () -> Kind.of(members.required("from")));
    var url = members.value("url", EndpointUrl::new).orElse(null);
    var id = members.pointers("id");
    var label = members.pointers("label");
    return members.all(() -> new AccountSource(kind, url, id, label));
  }
}
