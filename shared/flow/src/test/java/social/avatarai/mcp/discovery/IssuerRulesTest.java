package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static social.avatarai.mcp.FailureAssert.assertBroken;
import static social.avatarai.mcp.FailureAssert.assertFails;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.DiscoveredResource.Found;

class IssuerRulesTest {
  private static final Issuer NAMED = new Issuer("https://named.example");
  private static final Issuer BOUND = new Issuer("https://bound.example");
  private static final Issuer PROFILED = new Issuer("https://profiled.example");
  private static final Issuer BY_HAND = new Issuer("https://by-hand.example");
  private static final Issuer LISTED = new Issuer("https://listed.example");
  private static final Issuer OTHER = new Issuer("https://other.example");
  private static final EndpointUrl SERVER = new EndpointUrl("https://mcp.example/mcp");
  private static final EndpointUrl ELSEWHERE = new EndpointUrl("https://else.example/mcp");

  private final IssuerRules strict = new IssuerRules(new Profiles(List.of()), Map.of(), Set.of(), Set.of(),
      Strictness.DEFAULT);
  private final IssuerRules rules = new IssuerRules(new Profiles(List.of(
      profile("{'issuer':'https://profiled.example','resource_origins':['https://mcp.example'],'pkce_assumed':true}"),
      profile("{'issuer':'https://by-hand.example','plain_callback':true}"))), Map.of("https://mcp.example", BOUND),
      Set.of(BOUND), Set.of(LISTED), Strictness.DEFAULT);

  @Test
  void takesTheIssuersThatTheMetadataNames() {
    assertThatCode(() -> strict.requireBound(resource(SERVER), NAMED)).doesNotThrowAnyException();
    assertThat(strict.issuerOf(resource(SERVER))).isEqualTo(NAMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://other.example", "https://named.example/", "https://NAMED.example",
      "https://named.example:443"})
  void refusesAnIssuerThatNoSourceNames(String issuer) {
    assertFails(Failure.BadRequest.class, ErrorCode.ISSUER_NOT_BOUND,
        () -> strict.requireBound(resource(SERVER), new Issuer(issuer)));
    assertFails(Failure.BadRequest.class, ErrorCode.ISSUER_NOT_BOUND,
        () -> rules.requireBound(resource(SERVER), new Issuer(issuer)));
  }

  @Test
  void issuersThatPeopleHaveWrittenMatchWithAndWithoutOneTrailingSlash() {
    var published = new Issuer("https://bound.example/");
    assertThat(rules.binds(published, SERVER)).isTrue();
    assertThat(rules.binds(new Issuer("https://bound.example//"), SERVER)).isFalse();
    assertThat(rules.allowsPlainCallback(new Issuer("https://listed.example/"))).isTrue();
    assertThat(rules.allowsPlainCallback(new Issuer("https://by-hand.example/"))).as("a profile's too").isTrue();
  }

  @Test
  void writtenIssuerHasTheSpellingOfTheResourceOrOfAProfile() {
    assertThat(rules.published(resource(SERVER), new Issuer("https://named.example/"))).isEqualTo(NAMED);
    assertThat(rules.published(resource(SERVER), new Issuer("https://profiled.example/"))).isEqualTo(PROFILED);
    assertThat(rules.published(resource(SERVER), OTHER)).isEqualTo(OTHER);
  }

  @Test
  void saysWhatBindsAnIssuer() {
    assertThatExceptionOfType(Failure.BadRequest.class)
        .isThrownBy(() -> strict.requireBound(resource(SERVER), new Issuer("https://other.example")))
        .withMessageContainingAll("metadata", "discover-resource", "ISSUER_BINDINGS", "profile");
    assertThatExceptionOfType(Failure.BadRequest.class).as("named, but kept for other origins")
        .isThrownBy(() -> rules.requireBound(naming(ELSEWHERE, PROFILED), PROFILED))
        .withMessageContainingAll("names this authorization server", "keeps it for resources of other origins",
            "ISSUER_BINDINGS");
  }

  @Test
  void takesAnIssuerThatTheOperatorOrAProfileBindsToTheOrigin() {
    assertThatCode(() -> rules.requireBound(resource(SERVER), BOUND)).doesNotThrowAnyException();
    assertThatCode(() -> rules.requireBound(DiscoveredResource.unpublished(SERVER), PROFILED))
        .doesNotThrowAnyException();
    assertThat(rules.binds(BOUND, new EndpointUrl("https://MCP.example:443/other"))).isTrue();
  }

  @Test
  void bindingOfOneServerIsTheOperatorsForItsOriginAndForNoOther() {
    var bound = strict.binding(SERVER, OTHER);
    assertThatCode(() -> bound.requireBound(resource(SERVER), OTHER)).doesNotThrowAnyException();
    assertThat(bound.issuerOf(resource(SERVER))).isEqualTo(OTHER);
    assertFails(Failure.BadRequest.class, ErrorCode.ISSUER_NOT_BOUND,
        () -> bound.requireBound(resource(ELSEWHERE), OTHER));
    assertFails(Failure.BadRequest.class, ErrorCode.ISSUER_NOT_BOUND,
        () -> strict.requireBound(resource(SERVER), OTHER));
    assertThat(rules.binding(SERVER, OTHER).binds(BOUND, SERVER)).as("the setting").isFalse();
    assertThat(rules.binding(ELSEWHERE, OTHER).binds(BOUND, SERVER)).as("the setting elsewhere").isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://mcp.example:8443/mcp", "https://evil.example/mcp", "https://a.mcp.example/mcp"})
  void bindsAnIssuerToNoOtherOrigin(String server) {
    var elsewhere = resource(new EndpointUrl(server));

    assertFails(Failure.BadRequest.class, ErrorCode.ISSUER_NOT_BOUND, () -> rules.requireBound(elsewhere, BOUND));
    assertFails(Failure.BadRequest.class, ErrorCode.ISSUER_NOT_BOUND, () -> rules.requireBound(elsewhere, PROFILED));
  }

  @Test
  void prefersTheOperatorsIssuerToTheOnesThatTheMetadataNames() {
    assertThat(rules.issuerOf(resource(SERVER))).isEqualTo(BOUND);
    assertThat(rules.issuerOf(resource(new EndpointUrl("https://else.example/mcp")))).isEqualTo(NAMED);
  }

  @Test
  void keepsTheIssuerOfAProfileForItsOrigins() {
    var reserved = byProfile("{'issuer':'https://profiled.example','resource_origins':['https://mcp.example']}");
    assertThat(reserved.issuerOf(naming(ELSEWHERE, PROFILED, NAMED))).as("a kept issuer is passed over")
        .isEqualTo(NAMED);
    assertThat(reserved.issuerOf(naming(ELSEWHERE, PROFILED))).as("and refused where it is alone").isEqualTo(PROFILED);
    for (var spelled : List.of(PROFILED, PROFILED.otherSpelling()))
      assertFails(Failure.BadRequest.class, ErrorCode.ISSUER_NOT_BOUND,
          () -> reserved.requireBound(naming(ELSEWHERE, spelled), spelled));
    assertThatCode(() -> reserved.requireBound(resource(ELSEWHERE), NAMED)).doesNotThrowAnyException();
    assertThatCode(() -> rules.requireBound(resource(SERVER), BOUND)).as("the operator's too")
        .doesNotThrowAnyException();
  }

  /** The server may have moved since the profile was written. Its word is as good as that of any other server. */
  @Test
  void followsTheMetadataOfAServerAtTheOriginsOfAProfile() {
    var profiled = byProfile("{'issuer':'https://profiled.example','resource_origins':['https://mcp.example']}");
    assertThat(profiled.issuerOf(resource(SERVER))).isEqualTo(NAMED);
    assertThat(profiled.isBound(resource(SERVER), NAMED)).isTrue();
    assertThat(profiled.isBound(resource(SERVER), PROFILED)).isFalse();
    assertThat(profiled.isLeft(resource(SERVER), PROFILED)).isTrue();
    assertThat(profiled.issuerOf(naming(SERVER, NAMED, PROFILED))).as("of several, the profile's").isEqualTo(PROFILED);
    assertThat(profiled.isLeft(naming(SERVER, NAMED, PROFILED.otherSpelling()), PROFILED)).isFalse();
    assertThat(profiled.issuerOf(DiscoveredResource.unpublished(SERVER))).as("without metadata").isEqualTo(PROFILED);
    assertThat(profiled.isBound(DiscoveredResource.unpublished(SERVER), new Issuer("https://mcp.example"))).isFalse();
  }

  @Test
  void followsNoMetadataAtTheOriginsOfAProfileWithMetadata() {
    var kept = byProfile("{'issuer':'https://profiled.example','resource_origins':['https://mcp.example'],'metadata':"
        + "{'authorization_endpoint':'https://profiled.example/a','token_endpoint':'https://profiled.example/t'}}");
    assertThatExceptionOfType(Failure.BadRequest.class).isThrownBy(() -> kept.requireBound(resource(SERVER), NAMED))
        .withMessageContainingAll("names this authorization server", "keeps the resource's origin for another one",
            "ISSUER_BINDINGS");
    assertThat(kept.issuerOf(resource(SERVER))).isEqualTo(PROFILED);
    assertThat(kept.isLeft(resource(SERVER), PROFILED)).isFalse();
    assertThat(kept.isLeft(resource(SERVER), NAMED)).as("the server names it: a grant of it is renewed").isFalse();
    assertThat(kept.issuerOf(naming(SERVER, PROFILED.otherSpelling()))).as("one spelling").isEqualTo(PROFILED);
  }

  @Test
  void takesTwoSpellingsForOneIssuerOnTheWordOfAPersonAlone() {
    assertThat(rules.meansBoth(SERVER, PROFILED, PROFILED.otherSpelling())).isTrue();
    assertThat(rules.meansBoth(SERVER, BOUND.otherSpelling(), BOUND)).isTrue();
    assertThat(rules.meansBoth(ELSEWHERE, BOUND.otherSpelling(), BOUND)).isFalse();
    assertThat(rules.meansBoth(SERVER, NAMED, NAMED.otherSpelling())).isFalse();
    assertThat(rules.meansBoth(SERVER, BOUND, PROFILED)).isFalse();
  }

  /**
   * Otherwise any server could name the provider's issuer, and would get tokens for everything of the provider, perhaps
   * through the operator's own client there.
   */
  @Test
  void keepsAnIssuerWhoseTokensAreForNoResourceFromAllMetadata() {
    var provider = profile("{'issuer':'https://profiled.example','client_settings':'MCP_A',"
        + "'metadata':{'authorization_endpoint':'https://profiled.example/a','token_endpoint':'https://profiled.example/t'},"
        + "'requests':{'names_resource':false}}");
    var byProfile = byProfile(List.of(provider));
    var byOperator = new IssuerRules(new Profiles(List.of(provider)), Map.of("https://mcp.example", PROFILED), Set.of(),
        Set.of(), Strictness.DEFAULT);

    assertFails(Failure.BadRequest.class, ErrorCode.ISSUER_NOT_BOUND,
        () -> byProfile.requireBound(naming(SERVER, PROFILED), PROFILED));
    assertThat(byProfile.issuerOf(naming(SERVER, PROFILED, NAMED))).as("it is passed over").isEqualTo(NAMED);
    assertThatCode(() -> byOperator.requireBound(naming(SERVER, NAMED), PROFILED)).as("the operator's word counts")
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"https://auth.example.co.uk/tenant,https://mcp.example.co.uk/mcp,false",
      "https://one.co.uk,https://two.co.uk/mcp,true", "https://one.github.io,https://two.github.io/mcp,true",
      "https://as.example.com:8443,https://example.com./mcp,false", "https://as.evil.com,https://example.com/mcp,true"})
  void callsAnIssuerForeignByTheRegistrableDomain(String issuer, String server, boolean foreign) {
    var found = naming(new EndpointUrl(server), new Issuer(issuer));
    var metadata = AuthorizationServerMetadata.judge(new Issuer(issuer),
        HttpResponses.object("{'issuer':'" + issuer + "','authorization_endpoint':'" + issuer
            + "/a','token_endpoint':'" + issuer + "/t'}"));
    assertThat(strict.requireTrusted(found, metadata)).isEqualTo(foreign ? Set.of(Foreign.ISSUER) : Set.of());
  }

  @Test
  void allowsThePlainCallbackByTheOperatorsListAndByAProfileThatSaysSo() {
    assertThat(rules.allowsPlainCallback(LISTED)).isTrue();
    assertThat(rules.allowsPlainCallback(BY_HAND)).isTrue();
    assertThat(strict.allowsPlainCallback(LISTED)).isFalse();
  }

  @Test
  void allowsThePlainCallbackForNoOtherTrustInAnIssuer() {
    assertThat(rules.allowsPlainCallback(BOUND)).isFalse();
    assertThat(rules.allowsPlainCallback(PROFILED)).isFalse();
    assertThat(rules.allowsPlainCallback(NAMED)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://listed.example//", "https://LISTED.example", "https://listed.example:443",
      "https://listed.example/tenant", "https://by-hand.example//"})
  void allowsThePlainCallbackToTheListedIssuerOneTrailingSlashAside(String issuer) {
    assertThat(rules.allowsPlainCallback(new Issuer(issuer))).isFalse();
  }

  @Test
  void needsNoExceptionWhereS256IsListed() {
    assertThat(strict.requirePkce(metadata(OTHER, ",'code_challenge_methods_supported':['plain','S256']"))).isFalse();
    assertThat(rules.requirePkce(metadata(BOUND, ",'code_challenge_methods_supported':['S256']"))).isFalse();
  }

  @Test
  void refusesAServerThatSaysNothingOfPkce() {
    assertBroken(ErrorCode.PKCE_UNSUPPORTED, () -> strict.requirePkce(metadata(OTHER, "")));
    assertBroken(ErrorCode.PKCE_UNSUPPORTED, () -> rules.requirePkce(metadata(OTHER, "")));
  }

  @Test
  void saysWhenTheOperatorOrAProfileVouchesForPkce() {
    assertThat(rules.requirePkce(metadata(BOUND, ""))).isTrue();
    assertThat(rules.requirePkce(metadata(PROFILED, ""))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"['plain']", "[]", "['s256']", "'S256'", "[null]"})
  void letsNoExceptionOverruleAListWithoutS256(String methods) {
    for (var issuer : List.of(OTHER, BOUND, PROFILED))
      assertBroken(ErrorCode.PKCE_UNSUPPORTED,
          () -> rules.requirePkce(metadata(issuer, ",'code_challenge_methods_supported':" + methods)));
  }

  private static IssuerRules byProfile(String document) {
    return byProfile(List.of(profile(document)));
  }

  private static IssuerRules byProfile(List<Profile> profiles) {
    return new IssuerRules(new Profiles(profiles), Map.of(), Set.of(), Set.of(), Strictness.DEFAULT);
  }

  private static Profile profile(String document) {
    return Profile.read(HttpResponses.object(document));
  }

  private static DiscoveredResource resource(EndpointUrl server) {
    return naming(server, NAMED, new Issuer("https://second.example"));
  }

  /** Atlassian has one for servers with resource metadata, and one for those without. */
  @Test
  void twoProfilesOfOneOriginBindTheIssuerThatTheServerHas() {
    var product = new IssuerRules(Profiles.load(), Map.of(), Set.of(), Set.of(), Strictness.DEFAULT);
    var server = new EndpointUrl("https://mcp.atlassian.com/v1/mcp");
    var published = new Issuer("https://auth.atlassian.com/VCeDsk8ZHncYF1g234fKtc4lNipbBhu3");
    var origin = new Issuer("https://mcp.atlassian.com");

    assertThat(product.issuerOf(naming(server, published))).isEqualTo(published);
    assertThat(product.issuerOf(naming(server, origin))).isEqualTo(origin);
    assertThatCode(() -> product.requireBound(naming(server, origin), origin)).doesNotThrowAnyException();
    assertThat(product.canRecordBind(DiscoveredResource.unpublished(server), origin)).as("either of them").isTrue();
    assertThat(product.canRecordBind(DiscoveredResource.unpublished(server), OTHER)).isFalse();
  }

  private static DiscoveredResource naming(EndpointUrl server, Issuer... issuers) {
    String named = Stream.of(issuers).map(issuer -> "'" + issuer + "'").collect(Collectors.joining(","));
    var metadata = ProtectedResourceMetadata.judge(server,
        HttpResponses.object("{'resource':'" + server + "','authorization_servers':[" + named + "]}"));
    return new DiscoveredResource(server, metadata, Found.WELL_KNOWN, server, Scopes.none());
  }

  private static AuthorizationServerMetadata metadata(Issuer issuer, String members) {
    return AuthorizationServerMetadata.judge(issuer, HttpResponses.object("{'issuer':'" + issuer
        + "','authorization_endpoint':'https://a.example/a','token_endpoint':'https://a.example/t'" + members + "}"));
  }
}
