package social.avatarai.mcp.registration;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Json;

/** The body of a registration of our own (RFC 7591 §2), and the one that follows a refusal of this body. Pure. */
final class RegistrationRequest {
  private static final String REFRESH_TOKEN = "refresh_token";
  /** A server that does not know a member refuses with one of these, unless it says {@code invalid_client_metadata}. */
  private static final Set<Integer> INVALID_BODY = Set.of(400, 422);
  /** Words of JSON validators for a member that they do not know. */
  private static final Pattern UNKNOWN_MEMBER = Pattern.compile(
      "unknown|unrecogni[sz]ed|unexpected|additional propert|extra_forbidden|extra inputs|not allowed|not permitted"
          + "|should not exist|application_type|response_types");

  private static final Pattern GRANT_TYPE = Pattern.compile("refresh_token|grant[_ ]types?");

  private RegistrationRequest() {}

  /**
   * The body for this issuer. An issuer that lists its grant types without {@code refresh_token} may refuse that
   * type, so it is not requested.
   */
  static ObjectNode of(ClientMetadata metadata, RegistrationResponse.Requested requested,
      AuthorizationServerMetadata server) {
    var body = metadata.registration(requested.redirectUri(), requested.method(), requested.scope());
    var listed = server.grantTypes();
    return listed.isEmpty() || listed.contains(REFRESH_TOKEN) ? body : withoutRefreshToken(body);
  }

  /**
   * The body without the members that a client can do without, after a refusal that these members may have caused: some
   * servers refuse members that they do not know, although RFC 7591 §2 demands that they ignore them. Empty after any
   * other refusal.
   */
  static Optional<ObjectNode> afterRefusal(ObjectNode refused, HttpResponse response,
      AuthorizationServerMetadata server) {
    if (!INVALID_BODY.contains(response.status())) return Optional.empty();
    var body = response.salvaged().object().orElse(Json.newObject());
    String error = Json.text(body, "error").orElse("");
    String text = response.text().toLowerCase(Locale.ROOT);
    boolean isAboutMembers = error.equals("invalid_client_metadata") || GRANT_TYPE.matcher(text).find()
        || UNKNOWN_MEMBER.matcher(text).find();
    // RFC 7591 §3.2.2: these words say that something else is wrong.
    if (!isAboutMembers || error.equals("invalid_redirect_uri") || error.equals("invalid_scope")
        || error.endsWith("software_statement")) {
      return Optional.empty();
    }
    var fewer = refused.deepCopy();
    // RFC 7591 §2: "code" is the default. The application type comes from OpenID Connect.
    fewer.remove("application_type");
    fewer.remove("response_types");
    boolean isRefreshRefused = !server.grantTypes().contains(REFRESH_TOKEN) && refusesGrantType(refused, body, text);
    return Optional.of(isRefreshRefused ? withoutRefreshToken(fewer) : fewer);
  }

  /**
   * Whether the description of a refusal is about the grant types, and does not mention another member. Without the
   * refresh token, every user of this client has to consent again whenever a token ends, so a mention is not enough.
   */
  private static boolean refusesGrantType(ObjectNode refused, ObjectNode refusal, String text) {
    String description = Json.text(refusal, "error_description").orElse("").toLowerCase(Locale.ROOT);
    // Names without an underscore, such as scope, are words of every text.
    return GRANT_TYPE.matcher(description).find() && refused.propertyStream().map(Map.Entry::getKey)
        .filter(member -> !member.equals("grant_types") && member.contains("_")).noneMatch(text::contains);
  }

  private static ObjectNode withoutRefreshToken(ObjectNode body) {
    body.putArray("grant_types").add("authorization_code");
    return body;
  }
}
