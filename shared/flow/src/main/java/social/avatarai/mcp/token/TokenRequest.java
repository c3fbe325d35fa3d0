package social.avatarai.mcp.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import social.avatarai.mcp.AuthorizationCode;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.Secret;
import social.avatarai.mcp.discovery.ProviderRequests;
import social.avatarai.mcp.discovery.ProviderRevocation;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.registration.ClientCredentials;

/**
 * Builds the requests to the token endpoint of one provider, and those like them. Pure: exact strings in, exact strings
 * out.
 */
final class TokenRequest {
  private final ProviderRequests provider;

  /** Requests as this provider wants them. */
  TokenRequest(ProviderRequests provider) {
    this.provider = provider;
  }

  /** RFC 6749 §4.1.3, RFC 7636 §4.5, RFC 8707 §2.2. */
  OutboundRequest forCode(CodeExchange exchange, AuthorizationCode code, ClientCredentials credentials) {
    var form = new LinkedHashMap<String, String>();
    form.put("grant_type", "authorization_code");
    form.put("code", code.reveal());
    form.put("redirect_uri", exchange.redirectUri().value());
    form.put("code_verifier", exchange.verifier().reveal());
    if (provider.namesResource()) form.put("resource", exchange.target().resource().value());
    return tokens(exchange.target().tokenEndpoint(), form, credentials);
  }

  /**
   * RFC 6749 §6. The granted scopes stay granted without {@code scope}.
   *
   * @param named the scopes to name; none for every provider whose profile does not demand them
   */
  OutboundRequest forRefresh(GrantTarget target, RefreshToken token, Scopes named, ClientCredentials credentials) {
    var form = new LinkedHashMap<String, String>();
    form.put("grant_type", "refresh_token");
    form.put("refresh_token", token.reveal());
    if (!named.isEmpty()) form.put("scope", named.toString());
    if (provider.namesResource()) form.put("resource", target.resource().value());
    return tokens(target.tokenEndpoint(), form, credentials);
  }

  /** A refresh token that is not stored here. Its resource is unknown. */
  OutboundRequest forRelay(EndpointUrl endpoint, RefreshToken token, ClientCredentials credentials) {
    var form = new LinkedHashMap<String, String>();
    form.put("grant_type", "refresh_token");
    form.put("refresh_token", token.reveal());
    return tokens(endpoint, form, credentials);
  }

  /** RFC 7009 §2.1. The hint is the kind of token. */
  OutboundRequest forRevocation(EndpointUrl endpoint, Secret token, String hint, ClientCredentials credentials) {
    var form = new LinkedHashMap<String, String>();
    form.put("token", token.reveal());
    form.put("token_type_hint", hint);
    return with(provider.headers(), authenticated(OutboundRequest::form, endpoint, form, credentials));
  }

  /**
   * A revocation of the provider's own kind; empty for a client without a secret where the provider demands one.
   */
  Optional<OutboundRequest> forRevocation(ProviderRevocation way, Secret token, ClientCredentials credentials) {
    var body = new LinkedHashMap<>(Map.of(way.member(), token.reveal()));
    return switch (way.client()) {
      case NONE -> Optional.of(revocation(way, body, credentials));
      case BODY -> secret(credentials).map(secret -> {
        body.put("client_id", credentials.id().value());
        body.put("client_secret", secret.reveal());
        return revocation(way, body, credentials);
      });
      case BASIC -> secret(credentials).map(secret -> revocation(way, body, credentials)
          .with("Authorization", basic(credentials.id(), secret)));
    };
  }

  private OutboundRequest revocation(ProviderRevocation way, Map<String, String> body, ClientCredentials credentials) {
    var url = way.url(credentials.id());
    return with(way.headers(), with(provider.headers(), switch (way.body()) {
      case JSON -> OutboundRequest.jsonForm(way.method(), url, body);
      case FORM -> OutboundRequest.form(url, body);
    }));
  }

  /**
   * RFC 9126 §2.1: {@code client_id} is a parameter of the authorization request, so it stays beside Basic. A request is
   * pushed as a form everywhere, because no provider has a way of its own.
   */
  static OutboundRequest forPush(EndpointUrl endpoint, Map<String, String> parameters, ClientCredentials credentials) {
    return authenticated(OutboundRequest::form, endpoint, new LinkedHashMap<>(parameters), credentials);
  }

  private OutboundRequest tokens(EndpointUrl endpoint, Map<String, String> parameters, ClientCredentials credentials) {
    return with(provider.headers(), authenticated(this::body, endpoint, parameters, credentials));
  }

  private OutboundRequest body(EndpointUrl endpoint, Map<String, String> parameters) {
    return provider.jsonTokenRequests()
        ? OutboundRequest.jsonForm("POST", endpoint, parameters)
        : OutboundRequest.form(endpoint, parameters);
  }

  private static OutboundRequest with(Map<String, String> headers, OutboundRequest request) {
    var changed = request;
    for (var header : headers.entrySet())
      changed = changed.with(header.getKey(), header.getValue());
    return changed;
  }

  /** Puts the credentials in one place only, because real servers refuse them in two. */
  private static OutboundRequest authenticated(BiFunction<EndpointUrl, Map<String, String>, OutboundRequest> body,
      EndpointUrl endpoint, Map<String, String> parameters, ClientCredentials credentials) {
    return switch (credentials) {
      case ClientCredentials.None(var id) -> {
        parameters.put("client_id", id.value());
        yield body.apply(endpoint, parameters);
      }
      case ClientCredentials.SecretPost(var id, var secret) -> {
        parameters.put("client_id", id.value());
        parameters.put("client_secret", secret.reveal());
        yield body.apply(endpoint, parameters);
      }
      case ClientCredentials.SecretBasic(var id, var secret) ->
        body.apply(endpoint, parameters).with("Authorization", basic(id, secret));
    };
  }

  /** The secret, wherever the client puts it; empty without one. */
  private static Optional<ClientSecret> secret(ClientCredentials credentials) {
    return switch (credentials) {
      case ClientCredentials.None _ -> Optional.empty();
      case ClientCredentials.SecretPost(var _, var secret) -> Optional.of(secret);
      case ClientCredentials.SecretBasic(var _, var secret) -> Optional.of(secret);
    };
  }

  // RFC 6749 §2.3.1: both parts form-encoded, then joined.
  private static String basic(ClientId id, ClientSecret secret) {
    String pair = OutboundRequest.formEncode(id.value()) + ":" + OutboundRequest.formEncode(secret.reveal());
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
  }
}
