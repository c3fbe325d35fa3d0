package social.avatarai.mcp.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import social.avatarai.mcp.AuthorizationCode;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Secret;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.registration.Credentials;

/** Builds the requests to a token endpoint. Pure: exact strings in, exact strings out. */
final class TokenRequest {
  private TokenRequest() {}

  /** RFC 6749 §4.1.3, RFC 7636 §4.5, RFC 8707 §2.2. */
  static OutboundRequest forCode(CodeExchange exchange, AuthorizationCode code, Credentials credentials) {
    var form = new LinkedHashMap<String, String>();
    form.put("grant_type", "authorization_code");
    form.put("code", code.reveal());
    form.put("redirect_uri", exchange.redirectUri().value());
    form.put("code_verifier", exchange.verifier().reveal());
    form.put("resource", exchange.target().resource().value());
    return authenticated(exchange.target().tokenEndpoint(), form, credentials);
  }

  /** RFC 6749 §6; without {@code scope}, so that what was granted stays granted. */
  static OutboundRequest forRefresh(GrantTarget target, RefreshToken token, Credentials credentials) {
    var form = new LinkedHashMap<String, String>();
    form.put("grant_type", "refresh_token");
    form.put("refresh_token", token.reveal());
    form.put("resource", target.resource().value());
    return authenticated(target.tokenEndpoint(), form, credentials);
  }

  /** A refresh token that is not in our keeping: of its resource nothing is known. */
  static OutboundRequest forRelay(EndpointUrl endpoint, RefreshToken token, Credentials credentials) {
    var form = new LinkedHashMap<String, String>();
    form.put("grant_type", "refresh_token");
    form.put("refresh_token", token.reveal());
    return authenticated(endpoint, form, credentials);
  }

  /** RFC 7009 §2.1; the hint names the kind of token. */
  static OutboundRequest forRevocation(EndpointUrl endpoint, Secret token, String hint, Credentials credentials) {
    var form = new LinkedHashMap<String, String>();
    form.put("token", token.reveal());
    form.put("token_type_hint", hint);
    return authenticated(endpoint, form, credentials);
  }

  /** Credentials in one place only: servers in the field refuse two. */
  private static OutboundRequest authenticated(EndpointUrl endpoint, Map<String, String> form,
      Credentials credentials) {
    return switch (credentials.method()) {
      case NONE -> {
        form.put("client_id", credentials.id().value());
        yield OutboundRequest.form(endpoint, form);
      }
      case CLIENT_SECRET_POST -> {
        form.put("client_id", credentials.id().value());
        form.put("client_secret", Objects.requireNonNull(credentials.secret()).reveal());
        yield OutboundRequest.form(endpoint, form);
      }
      case CLIENT_SECRET_BASIC -> OutboundRequest.form(endpoint, form).with("Authorization", basic(credentials));
    };
  }

  // RFC 6749 §2.3.1: both parts form-encoded, then joined.
  private static String basic(Credentials credentials) {
    String pair = OutboundRequest.formEncode(credentials.id().value()) + ":"
        + OutboundRequest.formEncode(Objects.requireNonNull(credentials.secret()).reveal());
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
  }
}
