package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.discovery.ProviderRevocation;
import social.avatarai.mcp.http.Json;

/**
 * The ways in which a provider with an OAuth of its own differs from an authorization server of OAuth 2.1. They are a
 * part of {@link AuthorizationServerKnobs}. {@link FakeProvider} turns them for providers that exist.
 */
public final class ProviderKnobs {
  private final Map<String, String> places = new LinkedHashMap<>();
  private final Map<String, String> demandedParameters = new LinkedHashMap<>();
  private final Set<String> refusedParameters = new HashSet<>();
  private final Map<String, String> demandedHeaders = new LinkedHashMap<>();
  private final Map<String, Refusal> badGrants = new LinkedHashMap<>();
  private @Nullable Refusal badClient;
  private boolean json;
  private boolean formUnlessJsonIsAccepted;
  private @Nullable String tokensIn;
  String scopeSeparator = " ";
  @Nullable
  ProviderRevocation revocation;
  Response revoked = Response.of(200);
  final RegistrationKnobs registration = new RegistrationKnobs();
  private int statusOfNoForm = 400;
  boolean refusesInTheBrowser;
  boolean asksUpstream;
  boolean ignoresResource;
  boolean revokesAtTheTokenEndpoint;
  boolean revokesForUnknownClients;
  boolean keepsThePreviousRefreshToken;
  Duration refreshReplay = Duration.ZERO;
  String accessTokenPrefix = "";
  String refreshTokenPrefix = "";

  ProviderKnobs() {}

  /** How the provider registers clients. */
  public ProviderKnobs registration(Consumer<RegistrationKnobs> turn) {
    turn.accept(registration);
    return this;
  }

  /** The status with which a token or revocation request is refused that is no form. */
  public ProviderKnobs noForm(int status) {
    statusOfNoForm = status;
    return this;
  }

  /** A faulty authorization request is refused in the browser, and never sent back to the client. */
  public ProviderKnobs refusesInTheBrowser() {
    refusesInTheBrowser = true;
    return this;
  }

  /** After its own consent the server asks for consent at another server, the {@link FakeUpstream}. Only before the start. */
  public ProviderKnobs asksUpstream() {
    asksUpstream = true;
    return this;
  }

  /** Token requests may name any resource, or none. */
  public ProviderKnobs ignoresResource() {
    ignoresResource = true;
    return this;
  }

  /** The revocation endpoint is the token endpoint. A request without {@code grant_type} is a revocation. */
  public ProviderKnobs revokesAtTheTokenEndpoint() {
    revokesAtTheTokenEndpoint = true;
    return this;
  }

  /** A revocation by a client that is not known succeeds without effect. */
  public ProviderKnobs revokesForUnknownClients() {
    revokesForUnknownClients = true;
    return this;
  }

  /** The refresh token that was used last stays valid until its successor is used. The use of one ends the other. */
  public ProviderKnobs keepsThePreviousRefreshToken() {
    keepsThePreviousRefreshToken = true;
    return this;
  }

  /**
   * How long the use of a replaced refresh token gets the response of its first use again. {@code expires_in} counts from
   * the first use, so it may be negative.
   */
  public ProviderKnobs replaysRefreshes(Duration time) {
    refreshReplay = time;
    return this;
  }

  /** What access tokens and refresh tokens begin with. */
  public ProviderKnobs tokenPrefixes(String access, String refresh) {
    accessTokenPrefix = access;
    refreshTokenPrefix = refresh;
    return this;
  }

  /** Checks the rules for every POST to this server: a form, each parameter once, no secret in the URL. */
  void requireForm(Received request) {
    if (!request.method().equals("POST")) throw new Refusal(405, "invalid_request", "POST only");
    if (!request.isForm()) throw new Refusal(statusOfNoForm, "invalid_request", "the request is no form");
    if (!request.rawQuery().isEmpty()) throw Refusal.invalidRequest("parameters belong in the body");
    if (!request.repeatedParameters().isEmpty()) throw Refusal.invalidRequest("a parameter came twice");
  }

  /**
   * An endpoint is at this path of the origin; {@code {client_id}} in it stands for any segment. Only before the start.
   *
   * @param endpoint where it is otherwise, below the issuer: {@code /authorize}, {@code /token} or {@code /revoke}
   */
  public ProviderKnobs place(String endpoint, String path) {
    places.put(endpoint, path);
    return this;
  }

  /** An authorization request without this parameter, or with another value, is refused. */
  public ProviderKnobs demandParameter(String name, String value) {
    demandedParameters.put(name, value);
    return this;
  }

  /** Every request with this parameter is refused. */
  public ProviderKnobs refuseParameter(String name) {
    refusedParameters.add(name);
    return this;
  }

  /** A token or revocation request without this header, or with another value, is refused. */
  public ProviderKnobs demandHeader(String name, String value) {
    demandedHeaders.put(name, value);
    return this;
  }

  /** Token requests are JSON objects; a form is refused. */
  public ProviderKnobs jsonTokenRequests() {
    json = true;
    return this;
  }

  /** A token request that does not accept JSON gets its response as a form, also where it is refused. */
  public ProviderKnobs formUnlessJsonIsAccepted() {
    formUnlessJsonIsAccepted = true;
    return this;
  }

  /** What separates the scopes in token responses. */
  public ProviderKnobs scopeSeparator(String separator) {
    scopeSeparator = separator;
    return this;
  }

  /** A token response has its members in an object of this name, beside a token that does not belong to the user. */
  public ProviderKnobs tokensIn(String member) {
    tokensIn = member;
    return this;
  }

  /** How a dead code or refresh token is refused, in the place of {@code invalid_grant}. */
  public ProviderKnobs badGrant(String grantType, int status, String error, String description) {
    badGrants.put(grantType, new Refusal(status, error, description));
    return this;
  }

  /** How a client is refused that does not authenticate as it has to, in the place of {@code invalid_client}. */
  public ProviderKnobs badClient(int status, String error, String description) {
    badClient = new Refusal(status, error, description);
    return this;
  }

  /** A revocation of the provider's own kind, in the place of the one of RFC 7009. Only before the start. */
  public ProviderKnobs revocation(ProviderRevocation way) {
    revocation = way;
    return place("/revoke", way.url().replaceFirst("https?://[^/]+", ""));
  }

  /** The response to a revocation that succeeds. */
  public ProviderKnobs revoked(Response response) {
    revoked = response;
    return this;
  }

  /** The path of an endpoint; empty if the endpoint has no path of its own. */
  Optional<String> placeOf(String endpoint) {
    return Optional.ofNullable(places.get(endpoint));
  }

  /** The endpoint that has this path of its own. */
  Optional<String> endpointAt(String path) {
    return places.entrySet().stream().filter(place -> path.matches(pattern(place.getValue()))).map(Map.Entry::getKey)
        .findFirst();
  }

  private static String pattern(String place) {
    return "\\Q" + place.replace("{client_id}", "\\E[^/]+\\Q") + "\\E";
  }

  /** Refuses an authorization request that this provider would not take. */
  void requireAuthorization(Map<String, String> parameters) {
    requireKnown(parameters);
    demandedParameters.forEach((name, value) -> {
      if (!value.equals(parameters.get(name))) throw Refusal.invalidRequest(name + " must be " + value);
    });
  }

  /** A token request as a form, if this provider takes it in the form in which it came. */
  Received requireTokenRequest(Received request) {
    requireHeaders(request);
    if (json && !request.isJson()) throw Refusal.invalidRequest("body failed validation: JSON is expected");
    var form = json ? request.jsonAsForm() : request;
    requireKnown(form.parameters());
    return form;
  }

  void requireHeaders(Received request) {
    demandedHeaders.forEach((name, value) -> {
      if (!request.headers(name).contains(value)) throw new Refusal(400, "missing_version", name + " is missing");
    });
  }

  private void requireKnown(Map<String, String> parameters) {
    for (String name : parameters.keySet())
      if (refusedParameters.contains(name)) throw Refusal.invalidRequest("unknown parameter " + name);
  }

  /** A refusal of a token or revocation request in the words of this provider. */
  Refusal inItsWords(Refusal refusal, Received request) {
    var form = json ? request.jsonAsForm() : request;
    var own = switch (refusal.error()) {
      case "invalid_client" -> badClient;
      case "invalid_grant" -> badGrants.get(form.parameters().getOrDefault("grant_type", ""));
      default -> null;
    };
    return Objects.requireNonNullElse(own, refusal);
  }

  /** A token response as this provider shapes it. */
  ObjectNode shaped(ObjectNode tokens) {
    if (tokensIn == null) return tokens;
    var response = Json.newObject().put("ok", true).put("access_token", "of-the-app-and-not-of-the-user");
    response.set(tokensIn, tokens);
    return response;
  }

  /** A refusal of a revocation. Where unknown clients may revoke, a known one is refused by the standard. */
  Refusal revocationRefusal(Refusal refusal, Received request) {
    return revokesForUnknownClients ? refusal : inItsWords(refusal, request);
  }

  boolean wantsForm(Received request) {
    return formUnlessJsonIsAccepted && !request.accepts("application/json");
  }
}
