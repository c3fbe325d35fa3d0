package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.Json;

/**
 * A provider that has a profile in this product: the knobs with which a {@link FakeAuthorizationServer} plays it and a
 * {@link FakeMcpServer} plays the MCP server in front of it, and
 * the product's own profile with the fake's origin in the place of the provider's. The paths of the endpoints and the
 * shape of a revocation are taken from that profile. Everything else is what the provider documents, or what others have
 * seen it do.
 */
public enum FakeProvider {
  /** GitHub with an OAuth App: tokens without an end and without a refresh token. */
  GITHUB_OAUTH_APP("github"),
  /** GitHub with a GitHub App: tokens of 8 hours, refresh tokens that rotate, and scopes that are not named. */
  GITHUB_APP("github"),
  /** X with a confidential client. */
  X("x"),
  /** Notion's REST API with a public integration. */
  NOTION("notion-rest"),
  /** Notion's hosted MCP server: dynamic clients, and two refresh tokens that are valid at once. */
  NOTION_MCP("notion-mcp"),
  /** Neon's MCP server: a consent of its own and then Neon's, dynamic clients, refreshes that are replayed. */
  NEON("neon");

  private final String profile;

  FakeProvider(String profile) {
    this.profile = profile;
  }

  /** Turns the knobs of an authorization server that plays this provider. Only before the start. */
  public void turn(AuthorizationServerKnobs knobs) {
    switch (this) {
      case NEON -> neon(knobs);
      case NOTION_MCP -> notionMcp(knobs);
      default -> turnByProfile(knobs);
    }
  }

  /** A provider at which clients are registered by hand. */
  private void turnByProfile(AuthorizationServerKnobs knobs) {
    var product = product();
    var issuer = product.issuer().url();
    var metadata = Objects.requireNonNull(product.metadata());
    knobs.issuerPath(issuer.path()).withoutRegistration().withoutIss()
        .withoutMetadata("code_challenge_methods_supported")
        .authMethods(Objects.requireNonNull(product.authMethod()).wireName());
    knobs.provider(own -> {
      place(own, "/authorize", metadata.path("authorization_endpoint").asText());
      place(own, "/token", metadata.path("token_endpoint").asText());
      var revocation = product.requests().revocation();
      if (revocation != null) own.revocation(revocation);
      else
        place(own, "/revoke", metadata.path("revocation_endpoint").asText());
      var account = product.account();
      if (account != null && account.url() != null) place(own, "/userinfo", account.url().value());
    });
    if (product.requests().revocation() != null) knobs.withoutMetadata("revocation_endpoint");
    switch (this) {
      case GITHUB_OAUTH_APP -> gitHub(knobs).withoutRefreshTokens().accessTokenLifetime(Duration.ofDays(365))
          .withoutTokenResponse("expires_in").provider(own -> own.tokenPrefixes("gho_", ""));
      case GITHUB_APP -> gitHub(knobs).accessTokenLifetime(Duration.ofHours(8)).tokenResponse("scope", "")
          .tokenResponse("refresh_token_expires_in", 15_811_200).provider(own -> own.tokenPrefixes("ghu_", "ghr_"));
      // These two publish no metadata.
      case X -> x(knobs.wellKnown());
      case NOTION -> notion(knobs.wellKnown());
      default -> throw new AssertionError(this);
    }
  }

  private static void neon(AuthorizationServerKnobs knobs) {
    knobs.withoutIss().scopesSupported("read", "write", "*").grantedScope("read write").registrationStatus(200)
        .authMethods("client_secret_post", "client_secret_basic", "none").codeLifetime(Duration.ofMinutes(10))
        .metadata("response_modes_supported", List.of("query")).tokenResponse("token_type", "bearer")
        .provider(neon -> neon.place("/authorize", "/api/authorize").place("/token", "/api/token")
            .place("/register", "/api/register").place("/revoke", "/api/revoke").asksUpstream()
            .refusesInTheBrowser().noForm(415).ignoresResource().replaysRefreshes(Duration.ofDays(7))
            .badClient(400, "invalid_client", "client not found").revokesForUnknownClients()
            .registration(clients -> clients.demand("client_name", "redirect_uris", "grant_types", "response_types")
                .name("client_id", "client_secret", "client_name", "redirect_uris", "token_endpoint_auth_method")
                .secretForPublicClients().lengths(8, 32)));
  }

  private static void notionMcp(AuthorizationServerKnobs knobs) {
    knobs.scopesSupported("default").secretLifetime(Duration.ofDays(90)).tokenResponse("token_type", "bearer")
        .metadata("code_challenge_methods_supported", List.of("plain", "S256"))
        .metadata("grant_types_supported",
            List.of("authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"))
        .provider(notion -> notion.revokesAtTheTokenEndpoint().keepsThePreviousRefreshToken());
  }

  private static AuthorizationServerKnobs gitHub(AuthorizationServerKnobs knobs) {
    return knobs.wellKnown(FakeWellKnown.OAUTH_INSERTED, FakeWellKnown.OPENID_APPENDED).redirectsBySubdirectory()
        .tokenResponse("token_type", "bearer")
        .accounts(users -> users.api("", (user, owner) -> user.put("id", number(owner)).put("login", owner)))
        .provider(gitHub -> gitHub.scopeSeparator(",").formUnlessJsonIsAccepted()
            .badClient(200, "incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
            .badGrant("authorization_code", 200, "bad_verification_code", "The code passed is incorrect or expired.")
            .badGrant("refresh_token", 200, "bad_refresh_token", "The refresh token passed is incorrect or expired.")
            .revoked(Response.of(204)));
  }

  private static void x(AuthorizationServerKnobs knobs) {
    knobs.refreshTokensOnlyFor("offline.access").codeLifetime(Duration.ofSeconds(30))
        .accessTokenLifetime(Duration.ofHours(2))
        .tokenResponse("token_type", "bearer")
        .accounts(users -> users.api("users.read", (user, owner) -> user.putObject("data")
            .put("id", Integer.toString(number(owner))).put("name", "Person " + owner).put("username", owner)))
        .provider(x -> x.refuseParameter("resource")
            .badClient(401, "unauthorized_client", "Missing valid authorization header")
            .badGrant("authorization_code", 400, "invalid_request",
                "Value passed for the authorization code was invalid.")
            .badGrant("refresh_token", 400, "invalid_request", "Value passed for the token was invalid.")
            .revoked(Response.json(200, Json.newObject().put("revoked", true))));
  }

  private static void notion(AuthorizationServerKnobs knobs) {
    knobs.accessTokenLifetime(Duration.ofDays(365)).tokenResponse("token_type", "bearer")
        .withoutTokenResponse("expires_in", "scope").tokenResponse("bot_id", "invented-bot")
        .tokenResponse("workspace_id", "invented-workspace").tokenResponse("workspace_name", "Invented workspace")
        .accounts(users -> users.members((response, owner) -> response.putObject("owner").put("type", "user")
            .putObject("user").put("object", "user").put("id", "user-" + owner).put("name", "Person " + owner)))
        .provider(notion -> notion.demandParameter("owner", "user").refuseParameter("resource").jsonTokenRequests()
            .demandHeader("Notion-Version", "2025-09-03")
            .revoked(Response.json(200, Json.newObject().put("request_id", "invented-request"))));
  }

  /** Another number for each of the few owners of a test. */
  private static int number(String owner) {
    return 1_000_000 + Math.floorMod(owner.hashCode(), 1_000_000);
  }

  /**
   * Starts the MCP server that is in front of this authorization server, as a server of the provider or of a user is.
   */
  public FakeMcpServer mcpServer(FakeAuthorizationServer issuer) {
    boolean isOneOrigin = this == NEON || this == NOTION_MCP;
    var server = isOneOrigin
        ? FakeMcpServer.atOriginOf(issuer, this::turn)
        : FakeMcpServer.protectedBy(issuer, this::turn);
    if (this == NOTION_MCP)
      server.adjust(own -> own.challengeLines("Bearer realm=\"OAuth\", resource_metadata=\""
          + server.origin() + McpServerKnobs.WELL_KNOWN + "/mcp\", error=\"invalid_token\""));
    return server;
  }

  /** Turns the knobs of an MCP server that plays that of this provider. Only before the start. */
  public void turn(McpServerKnobs knobs) {
    switch (this) {
      case GITHUB_OAUTH_APP, GITHUB_APP -> knobs.path("/mcp/").echoesResource()
          .metadataAt(McpServerKnobs.WELL_KNOWN + "/mcp/", McpServerKnobs.WELL_KNOWN + "/mcp")
          .metadata("resource_name", "GitHub MCP Server")
          .metadata("scopes_supported", List.of("repo", "gist", "read:org", "delete_repo", "admin:org"))
          .tokenPattern("(ghp_|github_pat_|gho_|ghu_|ghs_).+");
      case X -> knobs.unpublished().protocolVersions("2025-06-18");
      case NOTION -> knobs.unpublished();
      case NOTION_MCP -> knobs.metadataAt(McpServerKnobs.WELL_KNOWN + "/mcp", McpServerKnobs.WELL_KNOWN);
      case NEON -> knobs.metadataAnywhere().echoesResource();
    }
  }

  private static void place(ProviderKnobs knobs, String endpoint, String url) {
    knobs.place(endpoint, withoutOrigin(url));
  }

  private static String withoutOrigin(String url) {
    return url.replaceFirst("https://[^/]+", "");
  }

  /** The product's profile of this provider. */
  public Profile product() {
    return Profiles.load().named(profile).orElseThrow();
  }

  /**
   * The product's profile of this provider, which is played by the server at this origin.
   *
   * @param resourceOrigins the origins of MCP servers that stand in the place of the provider's own
   */
  public Profiles profiles(String origin, String... resourceOrigins) {
    return Profiles.read(Map.of(profile, moved(origin, resourceOrigins)));
  }

  /** The product's profiles of several providers, which are played by the servers at these origins. */
  public static Profiles together(Map<FakeProvider, String> origins) {
    return Profiles.read(origins.entrySet().stream()
        .collect(
            Collectors.toMap(played -> played.getKey().profile, played -> played.getKey().moved(played.getValue()))));
  }

  /** The name of the product's profile of this provider. */
  public String profileName() {
    return profile;
  }

  /**
   * The document of the product's profile, with these origins in the place of the provider's.
   *
   * @param resourceOrigins the origins of MCP servers that stand in the place of the provider's own; none to keep those
   *        of the profile
   */
  public ObjectNode moved(String origin, String... resourceOrigins) {
    var document = document();
    if (resourceOrigins.length > 0) {
      var origins = document.putArray("resource_origins");
      for (String one : resourceOrigins)
        origins.add(one);
    }
    return Json.object(document.toString().replaceAll("https://[^/\"]+", origin).getBytes(UTF_8)).orElseThrow();
  }

  private ObjectNode document() {
    String file = "/profiles/" + profile + ".json";
    try (var stream = Objects.requireNonNull(Profiles.class.getResourceAsStream(file), file)) {
      return Json.object(stream.readAllBytes()).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
