package social.avatarai.mcp.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import social.avatarai.mcp.AuthorizationCode;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.Secret;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.registration.ClientCredentials;

/** Builds the requests to a token endpoint. Pure: exact strings in, exact strings out. */
final class TokenRequest {
  private TokenRequest() {}

  /** RFC 6749 §4.1.3, RFC 7636 §4.5, RFC 8707 §2.2. */
  static OutboundRequest forCode(CodeExchange exchange, AuthorizationCode code, ClientCredentials credentials) {
    var form = new LinkedHashMap<String, String>();
    form.put("grant_type", "authorization_code");
    form.put("code", code.reveal());
    form.put("redirect_uri", exchange.redirectUri().value());
    form.put("code_verifier", exchange.verifier().reveal());
    form.put("resource", exchange.target().resource().value());
    return authenticated(exchange.target().tokenEndpoint(), form, credentials);
  }

  /**
   * RFC 6749 §6. The granted scopes stay granted without {@code scope}.
   *
   * @param named the scopes to name; none for every provider whose profile does not demand them
   */
  static OutboundRequest forRefresh(GrantTarget target, RefreshToken token, Scopes named,
      ClientCredentials credentials) {
    var form = new LinkedHashMap<String, String>();
    form.put("grant_type", "refresh_token");
    form.put("refresh_token", token.reveal());
    if (!named.isEmpty()) form.put("scope", named.toString());
    form.put("resource", target.resource().value());
    return authenticated(target.tokenEndpoint(), form, credentials);
  }

  /** A refresh token that is not stored here. Its resource is unknown. */
  static OutboundRequest forRelay(EndpointUrl endpoint, RefreshToken token, ClientCredentials credentials) {
    var form = new LinkedHashMap<String, String>();
    form.put("grant_type", "refresh_token");
    form.put("refresh_token", token.reveal());
    return authenticated(endpoint, form, credentials);
  }

  /** RFC 7009 §2.1. The hint is the kind of token. */
  static OutboundRequest forRevocation(EndpointUrl endpoint, Secret token, String hint, ClientCredentials credentials) {
    var form = new LinkedHashMap<String, String>();
    form.put("token", token.reveal());
    form.put("token_type_hint", hint);
    return authenticated(endpoint, form, credentials);
  }

  /**
   * RFC 9126 §2.1: {@code client_id} is a parameter of the authorization request, so it stays beside Basic.
   */
  static OutboundRequest forPush(EndpointUrl endpoint, Map<String, String> parameters, ClientCredentials credentials) {
    var form = new LinkedHashMap<>(parameters);
    return authenticated(endpoint, form, credentials);
  }

  /** Puts the credentials in one place only, because real servers refuse them in two. */
  private static OutboundRequest authenticated(EndpointUrl endpoint, Map<String, String> form,
      ClientCredentials credentials) {
    return switch (credentials) {
      case ClientCredentials.None(var id) -> {
        form.put("client_id", id.value());
        yield OutboundRequest.form(endpoint, form);
      }
      case ClientCredentials.SecretPost(var id, var secret) -> {
        form.put("client_id", id.value());
        form.put("client_secret", secret.reveal());
        yield OutboundRequest.form(endpoint, form);
      }
      case ClientCredentials.SecretBasic basic ->
        OutboundRequest.form(endpoint, form).with("Authorization", header(basic));
    };
  }

  // RFC 6749 §2.3.1: both parts form-encoded, then joined.
  private static String header(ClientCredentials.SecretBasic basic) {
    String pair = OutboundRequest.formEncode(basic.id().value()) + ":"
        + OutboundRequest.formEncode(basic.secret().reveal());
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
  }
}
