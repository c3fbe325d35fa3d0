package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ThreeProviders.OWNER;
import static social.avatarai.mcp.world.UsersDocument.imported;
import static social.avatarai.mcp.world.UsersDocument.records;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.FakeProvider;
import social.avatarai.mcp.world.ProviderWorld;
import social.avatarai.mcp.world.ThreeProviders;
import social.avatarai.mcp.world.UsersDocument;

/**
 * The user's document is imported by the app's backend for its user, and comes out again. The product's own profiles
 * tell which issuer each server belongs to.
 */
class UsersDocumentFlowTest {
  private final ThreeProviders providers = new ThreeProviders(FakeProvider.GITHUB_OAUTH_APP);

  @AfterEach
  void close() {
    providers.close();
  }

  /** What is the user's own: without secrets, and without what is this service's to write. */
  private static ObjectNode ownPart(ObjectNode record) {
    var own = record.deepCopy();
    own.remove(List.of("status", "cause", "error", "updatedAt", "warnings"));
    if (own.at("/authorization/config") instanceof ObjectNode config)
      config.remove(List.of("client_secret", "has_client_secret"));
    if (own.at("/authorization/credentials") instanceof ObjectNode credentials) {
      credentials.remove(List.of("access_token", "refresh_token", "has_access_token", "has_refresh_token"));
    }
    return own;
  }

  private ObjectNode exported() {
    var document = Json.newObject();
    document.putArray("servers").addAll(providers.world.servers(OWNER));
    return document;
  }

  private void assertNoSecretIsIn(String text) {
    assertThat(text).doesNotContain(ProviderWorld.SECRET);
    for (var provider : providers.all()) {
      var tokens = providers.given(provider);
      assertThat(text).doesNotContain(tokens.accessToken().reveal());
      if (tokens.refreshToken() != null) assertThat(text).doesNotContain(tokens.refreshToken().reveal());
    }
  }

  private void assertComesOutAsItWentIn(ObjectNode document) {
    var exported = exported();
    assertThat(records(exported)).hasSize(3);
    for (var provider : providers.all()) {
      assertThat(ownPart(UsersDocument.record(exported, provider)))
          .isEqualTo(ownPart(UsersDocument.record(document, provider)));
    }
    assertNoSecretIsIn(exported + providers.world.log() + providers.world.everythingStored());
  }

  private int requestsToIssuers() {
    return providers.all().stream().map(providers::issuer)
        .mapToInt(issuer -> issuer.tokenRequests().size() + issuer.metadataRequests().size()).sum();
  }

  @Test
  void documentComesOutAsItWentInButForItsSecretsAndWhatIsOursToWrite() {
    var document = UsersDocument.withLiveTokens(providers);
    int before = requestsToIssuers();
    assertThat(imported(providers, document)).allSatisfy(result -> {
      assertThat(result.status()).isEqualTo(ServerImport.Status.CREATED);
      assertThat(result.tokens()).isEqualTo(LiveGrants.Outcome.IMPORTED);
    });
    assertComesOutAsItWentIn(document);
    assertThat(records(exported())).extracting(record -> record.path("status").asText()).containsOnly("connected");
    assertThat(requestsToIssuers()).as("the profiles have all metadata").isEqualTo(before);
  }

  @Test
  void importedServersAreUsedWithoutAnotherConsent() {
    imported(providers, UsersDocument.withLiveTokens(providers));
    int before = requestsToIssuers();
    for (var provider : providers.all())
      assertThat(saidBy(providers.access(provider))).as(provider.name()).isEqualTo("owner-1");
    assertThat(requestsToIssuers()).isEqualTo(before);
  }

  @Test
  void profilesAsTheyAreShippedNameTheProvidersOfTheThreeServers() {
    var document = UsersDocument.withLiveTokens(providers);
    int before = requestsToIssuers();
    providers.withTheProvidersThemselves();
    assertThat(imported(providers, document)).extracting(ServerImport.Result::tokens)
        .containsOnly(LiveGrants.Outcome.IMPORTED);
    assertComesOutAsItWentIn(document);
    assertThat(providers.all()).extracting(provider -> providers.grant(provider).target().issuer().value())
        .containsExactly("https://api.notion.com", "https://github.com/login/oauth", "https://x.com");
    assertThat(providers.all()).extracting(provider -> providers.grant(provider).target().tokenEndpoint().value())
        .containsExactly("https://api.notion.com/v1/oauth/token", "https://github.com/login/oauth/access_token",
            "https://api.x.com/2/oauth2/token");
    assertThat(requestsToIssuers()).isEqualTo(before);
  }

  @Test
  void exportImportedAgainChangesNothing() {
    imported(providers, UsersDocument.withLiveTokens(providers));
    var exported = exported();
    assertThat(UsersDocument.importedAs(OWNER, providers, exported))
        .allSatisfy(result -> assertThat(result.status()).isEqualTo(ServerImport.Status.UPDATED));
    assertThat(exported()).isEqualTo(exported);
    assertThat(saidBy(providers.access(FakeProvider.X))).isEqualTo("owner-1");
  }

  @Test
  void serverThatIsSwitchedOffInTheDocumentIsKeptSo() {
    var document = UsersDocument.withoutTokens(providers);
    UsersDocument.record(document, FakeProvider.X).put("enabled", false);
    imported(providers, document);
    var shown = providers.shown(FakeProvider.X);
    assertThat(shown.path("status").asText()).isEqualTo("disconnected");
    assertThat(shown.path("cause").asText()).isEqualTo("server_disabled");
  }

  @Test
  void serverThatNoProfileClaimsIsKeptWithoutAnIssuer() {
    var document = UsersDocument.withLiveTokens(providers);
    UsersDocument.record(document, FakeProvider.X).put("mcpId", "another-server");
    imported(providers, document);
    assertThat(records(exported())).filteredOn(record -> record.path("mcpId").asText().equals("another-server"))
        .singleElement().satisfies(record -> assertThat(record.path("status").asText()).isEqualTo("issuer_required"));
    assertNoSecretIsIn(providers.world.everythingStored());
  }

  @Test
  void whereLocalhostIsNotReachedAllThreeAreKeptAndNothingIsSent() {
    var document = UsersDocument.withLiveTokens(providers);
    providers.world.platform.with(AddressPolicy.publicInternet());
    int before = requestsToIssuers();
    assertThat(imported(providers, document)).extracting(ServerImport.Result::status)
        .containsOnly(ServerImport.Status.CREATED);
    assertThat(records(exported())).extracting(server -> server.path("status").asText())
        .containsOnly("unreachable_here");
    assertThat(requestsToIssuers()).isEqualTo(before);
    assertNoSecretIsIn(providers.world.everythingStored());
  }
}
