package social.avatarai.mcp.discovery;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;

/** What the profiles of the product may say, and what they say it by. */
class ProductProfilesTest {
  /** What is a decision of this product, not a fact about a provider. */
  private static final Set<String> DECISIONS = Set.of("title", "notes", "sources", "client_settings", "server_ids",
      "plain_callback");
  private static final Set<String> GROUPS = Set.of("requests", "responses");
  /** Providers at which anyone can get an issuer of their own. */
  private static final List<String> TENANTED = List.of("auth0.com", "okta.com", "oktapreview.com", "onelogin.com",
      "microsoftonline.com", "b2clogin.com", "ciamlogin.com", "amazoncognito.com", "amazonaws.com", "authkit.app",
      "workos.com", "stytch.com", "descope.com", "clerk.accounts.dev", "frontegg.com", "supabase.co", "workers.dev",
      "vercel.app", "fly.dev", "herokuapp.com", "azurewebsites.net");

  private final Profiles profiles = Profiles.load();

  @Test
  void haveASourceForEveryFactAndForNothingElse() {
    profiles.documents().forEach((name, document) -> {
      var said = new TreeSet<String>();
      document.properties().forEach(member -> {
        if (GROUPS.contains(member.getKey()))
          member.getValue().fieldNames().forEachRemaining(inner -> said.add(member.getKey() + "." + inner));
        else if (!DECISIONS.contains(member.getKey())) said.add(member.getKey());
      });
      var sources = new TreeSet<String>();
      document.path("sources").fieldNames().forEachRemaining(sources::add);
      assertThat(sources).as(name).isEqualTo(said);
    });
  }

  @Test
  void namePublicPagesAsTheirSources() {
    profiles.documents().forEach((name, document) -> {
      for (JsonNode source : document.path("sources")) {
        var pages = source.isArray() ? source.valueStream().toList() : List.of(source);
        assertThat(pages).as(name).isNotEmpty()
            .allSatisfy(page -> assertThat(new EndpointUrl(page.textValue()).isHttps()).isTrue());
      }
    });
  }

  @Test
  void haveATitleAndNotesForReaders() {
    profiles.documents().forEach((name, document) -> {
      assertThat(document.path("title").asText()).as(name).isNotEmpty();
      assertThat(document.path("notes").valueStream().map(JsonNode::asText)).as(name).isNotEmpty()
          .allSatisfy(note -> assertThat(note).endsWith("."));
    });
  }

  /**
   * The issuers with the plain callback share one redirect URI, so that one of them could get a code that is meant for
   * another. Each must therefore be trusted like all others, which a stranger's tenant never is.
   */
  @Test
  void giveThePlainCallbackToNoIssuerThatAStrangerCanGet() {
    var shared = profiles.all().stream().filter(Profile::plainCallback).map(Profile::issuer).map(Issuer::value);

    assertThat(shared).containsExactlyInAnyOrder("https://github.com/login/oauth", "https://api.notion.com",
        "https://x.com").noneMatch(
            issuer -> TENANTED.stream().anyMatch(host -> new EndpointUrl(issuer).host()
                .endsWith(host)));
  }

  /** A single profile of one tenant would be a stranger's. All tenants together have a family, which binds nothing. */
  @Test
  void nameIssuersOfTenantedProvidersAsFamiliesAlone() {
    for (var profile : profiles.all())
      assertThat(TENANTED).noneMatch(host -> profile.issuer().url().host().endsWith(host));
    for (String name : List.of("auth0", "entra")) {
      assertThat(profiles.documents().get(name)).satisfies(
          document -> assertThat(ProfileFamily.isFamily((ObjectNode) requireNonNull(document))).isTrue());
      assertThat(profiles.named(name)).isEmpty();
    }
  }

  @Test
  void askForTheUrlOfAnAccountOnTheSiteOfTheProvider() {
    for (var profile : profiles.all()) {
      var account = profile.account();
      if (account == null || account.url() == null) continue;
      assertThat(account.url().host()).as(profile.issuer().value())
          .endsWith(String.join(".", lastTwo(profile.issuer().url().host())));
    }
  }

  private static List<String> lastTwo(String host) {
    var labels = new ArrayList<>(Stream.of(host.split("\\.")).toList());
    return labels.subList(labels.size() - 2, labels.size());
  }

  @ParameterizedTest
  @CsvSource({"https://mcp.neon.tech", "https://mcp.notion.com", "https://mcp.slack.com",
      "https://accounts.google.com", "https://login.microsoftonline.com/8f1c-invented/v2.0", "https://app.asana.com",
      "https://mcp.hubspot.com", "https://acme.eu.auth0.com/", "https://mcp.atlassian.com", "https://mcp.linear.app",
      "https://api.figma.com", "https://api.supabase.com", "https://mcp.sentry.dev", "https://access.stripe.com/mcp",
      "https://github.com/login/oauth", "https://x.com", "https://api.notion.com"})
  void knowTheProviderOf(String issuer) {
    assertThat(profiles.of(new Issuer(issuer))).isPresent();
  }

  @Test
  void haveTheOtherIssuerOfTheMetadataOnTheSiteOfTheirOwn() {
    assertThat(profiles.all()).noneMatch(Profile::isPublishedElsewhere);
  }

  @Test
  void reserveEveryIssuerButThoseOfAuth0() {
    assertThat(profiles.all()).allSatisfy(profile -> assertThat(profile.isReserved()).isTrue());
    assertThat(profiles.of(new Issuer("https://login.microsoftonline.com/invented/v2.0")).orElseThrow().isReserved())
        .isTrue();
    assertThat(profiles.of(new Issuer("https://acme.auth0.com/")).orElseThrow().isReserved()).isFalse();
  }
}
