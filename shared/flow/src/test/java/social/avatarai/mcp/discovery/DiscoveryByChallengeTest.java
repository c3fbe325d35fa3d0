package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.FailureAssert.assertBroken;
import static social.avatarai.mcp.FailureAssert.assertFails;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.MovableClock;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.ScriptedOutbound;
import social.avatarai.mcp.discovery.DiscoveredResource.Found;
import social.avatarai.mcp.discovery.Discovery.Probe;
import social.avatarai.mcp.http.HttpResponse;

class DiscoveryByChallengeTest {
  private static final EndpointUrl SERVER = new EndpointUrl("https://mcp.example/mcp");
  private static final String NAMED = "https://mcp.example/metadata";
  private static final String AT_PATH = "https://mcp.example/.well-known/oauth-protected-resource/mcp";

  private final ScriptedOutbound world = new ScriptedOutbound();
  private final Discovery discovery = new Discovery(world, new MetadataCache(new MovableClock()), new MovableClock());

  @Test
  void believesTheUrlThatTheChallengeNames() {
    world.responding(NAMED, metadata("https://named.example")).responding(AT_PATH, metadata("https://path.example"));

    var found = discover("resource_metadata=\"" + NAMED + "\", scope=\"read\"");

    assertThat(found.issuers()).containsExactly(new Issuer("https://named.example"));
    assertThat(found.found()).isEqualTo(Found.CHALLENGE);
    assertThat(found.metadataUrl().value()).isEqualTo(NAMED);
    assertThat(found.challengedScope()).isEqualTo(Scopes.parse("read"));
    assertThat(world.asked()).containsExactly(NAMED);
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 301, 401, 404})
  void endsWhereTheNamedDocumentIsNotThere(int status) {
    world.responding(NAMED, HttpResponses.html(status)).responding(AT_PATH, metadata("https://path.example"));

    assertBroken(ErrorCode.INVALID_METADATA, () -> discover("resource_metadata=\"" + NAMED + "\""));
    assertThat(world.asked()).containsExactly(NAMED);
  }

  @Test
  void endsWhereTheNamedDocumentIsNoJsonObject() {
    world.responding(NAMED, HttpResponses.html(200)).responding(AT_PATH, metadata("https://path.example"));

    assertBroken(ErrorCode.INVALID_METADATA, () -> discover("resource_metadata=\"" + NAMED + "\""));
  }

  @Test
  void endsWhereTheNamedDocumentFailsItsCheck() {
    world.responding(NAMED, HttpResponses.json(200, "{'resource':'https://mcp.example/other',"
        + "'authorization_servers':['https://evil.example']}")).responding(AT_PATH, metadata("https://path.example"));

    assertBroken(ErrorCode.RESOURCE_MISMATCH, () -> discover("resource_metadata=\"" + NAMED + "\""));
    assertThat(world.asked()).containsExactly(NAMED);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 503})
  void endsAsUnreachableWhereTheNamedDocumentCannotBeHadNow(int status) {
    world.responding(NAMED, HttpResponses.html(status)).responding(AT_PATH, metadata("https://path.example"));

    assertFails(Failure.Unreachable.class, ErrorCode.UPSTREAM_UNREACHABLE,
        () -> discover("resource_metadata=\"" + NAMED + "\""));
    assertThat(world.asked()).containsExactly(NAMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/metadata", "http://mcp.example/metadata", "javascript:alert(1)",
      "https://u:p@mcp.example/metadata", "not a url"})
  void sendsNoRequestForANamedUrlThatIsNoHttpsUrl(String url) {
    assertBroken(ErrorCode.INVALID_METADATA, () -> discover("resource_metadata=\"" + url + "\""));
    assertThat(world.asked()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://mcp.example/mcp", "https://mcp.example/mcp/", "https://MCP.example:443/mcp"})
  void looksAtTheWellKnownUrlsWhereTheChallengeNamesTheServerItself(String itself) {
    world.responding(AT_PATH, metadata("https://path.example"));

    var found = discover("resource_metadata=\"" + itself + "\"");

    assertThat(found.found()).isEqualTo(Found.WELL_KNOWN);
    assertThat(world.asked()).containsExactly(AT_PATH);
  }

  /** Another server of the origin is not this one, and a document of another origin is not asked for in its place. */
  @ParameterizedTest
  @ValueSource(strings = {"https://mcp.example/mcp/other", "https://mcp.example/mcp?tenant=b",
      "https://evil.example/mcp"})
  void takesNoOtherUrlForTheServerItself(String other) {
    world.responding(AT_PATH, metadata("https://path.example"));

    assertBroken(ErrorCode.INVALID_METADATA, () -> discover("resource_metadata=\"" + other + "\""));
    assertThat(world.asked()).containsExactly(other);
  }

  /** Some documents are below the server's path, where the specification has none. */
  @Test
  void believesADocumentBelowTheServerThatTheChallengeNames() {
    String below = SERVER + "/.well-known/oauth-protected-resource";
    world.responding(below, metadata("https://named.example")).responding(AT_PATH, metadata("https://path.example"));

    assertThat(discover("resource_metadata=\"" + below + "\"").issuers())
        .containsExactly(new Issuer("https://named.example"));
  }

  /** Google has a document for each tool; all of them are for the server. */
  @Test
  void documentOfAToolIsTakenForTheServerAndRefusedForTheToolAlone() {
    String ofTool = "https://mcp.example/.well-known/oauth-protected-resource/list_calendars";
    world.responding(ofTool, metadata("https://auth.example"));
    assertThat(discover("resource_metadata=\"" + ofTool + "\"").metadata().resource().value())
        .isEqualTo(SERVER.value());

    String ofOther = ofTool + "2";
    world.responding(ofOther, HttpResponses.json(200, "{'resource':'https://mcp.example/list_calendars',"
        + "'authorization_servers':['https://auth.example']}"));
    assertBroken(ErrorCode.RESOURCE_MISMATCH, () -> discover("resource_metadata=\"" + ofOther + "\""));
  }

  /** A document for a parent and one for the server itself may both be there. */
  @Test
  void resourceIsTheOneThatTheChallengeLeadsToAndNotTheOneAtTheWellKnownUrl() {
    world.responding(NAMED, HttpResponses.json(200, "{'resource':'https://mcp.example',"
        + "'authorization_servers':['https://named.example']}")).responding(AT_PATH, metadata("https://path.example"));

    assertThat(discover("resource_metadata=\"" + NAMED + "\"").metadata().resource().value())
        .isEqualTo("https://mcp.example");
    assertThat(world.asked()).containsExactly(NAMED);
  }

  /** The bug: of two URLs, the server's own URL was used if it was the last. */
  @Test
  void takesTheOtherUrlWhereTheChallengeNamesTheServerItselfToo() {
    world.responding(NAMED, metadata("https://named.example"));

    discover("resource_metadata=\"" + NAMED + "\", resource_metadata=\"" + SERVER + "\"");

    assertThat(world.asked()).containsExactly(NAMED);
  }

  @Test
  void takesTheLastOnItsOwnOriginOfDifferentNamedUrls() {
    world.responding(NAMED, metadata("https://named.example"));

    discover("resource_metadata=\"https://mcp.example/gone\", resource_metadata=\"" + NAMED
        + "\", resource_metadata=\"https://evil.example/m\"");

    assertThat(world.asked()).containsExactly(NAMED);
  }

  @Test
  void refusesDifferentNamedUrlsThatAreAllOnOtherOrigins() {
    assertBroken(ErrorCode.INVALID_METADATA, () -> discover(
        "resource_metadata=\"https://a.example/m\", resource_metadata=\"https://b.example/m\""));
    assertThat(world.asked()).isEmpty();
  }

  @Test
  void takesOneNamedUrlOnAnotherOrigin() {
    world.responding("https://meta.example/m", metadata("https://auth.example"));

    assertThat(discover("resource_metadata=\"https://meta.example/m\"").issuers())
        .containsExactly(new Issuer("https://auth.example"));
  }

  private DiscoveredResource discover(String challenge) {
    var probe = new Probe(401, Challenge.answerable(List.of("Bearer " + challenge)));
    return discovery.resource(SERVER, probe, Deadline.in(Duration.ofMinutes(1)));
  }

  private static HttpResponse metadata(String issuer) {
    return HttpResponses.json(200, "{'resource':'https://mcp.example/mcp','authorization_servers':['" + issuer + "']}");
  }
}
