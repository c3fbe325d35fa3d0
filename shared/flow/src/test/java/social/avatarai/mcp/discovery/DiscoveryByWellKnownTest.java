package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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

class DiscoveryByWellKnownTest {
  private static final EndpointUrl SERVER = new EndpointUrl("https://mcp.example/mcp");
  private static final String AT_PATH = "https://mcp.example/.well-known/oauth-protected-resource/mcp";
  private static final String AT_ROOT = "https://mcp.example/.well-known/oauth-protected-resource";

  private final ScriptedOutbound world = new ScriptedOutbound();
  private final Discovery discovery = new Discovery(world, new MetadataCache(new MovableClock()), new MovableClock());

  @Test
  void believesTheWellKnownDocumentAtThePathBeforeTheOneAtTheRoot() {
    world.responding(AT_PATH, metadata("https://path.example")).responding(AT_ROOT, metadata("https://root.example"));

    var found = discover(401, "Bearer realm=\"OAuth\", scope=\"read\"");

    assertThat(found.issuers()).containsExactly(new Issuer("https://path.example"));
    assertThat(found.found()).isEqualTo(Found.WELL_KNOWN);
    assertThat(found.challengedScope()).isEqualTo(Scopes.parse("read"));
    assertThat(world.asked()).containsExactly(AT_PATH);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 405, 410})
  void takesA4xxAtAGuessedUrlForAbsence(int status) {
    world.responding(AT_PATH, HttpResponses.json(status, "{'error':'no'}")).responding(AT_ROOT,
        metadata("https://root.example"));

    assertThat(discover(401).issuers()).containsExactly(new Issuer("https://root.example"));
    assertThat(world.asked()).containsExactly(AT_PATH, AT_ROOT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"<!doctype html>", "", "[]", "\"text\"", "{\"resource\":", "{} {}", "null"})
  void takesWhatIsNoJsonObjectAtAGuessedUrlForAbsence(String body) {
    world.responding(AT_PATH, HttpResponses.typed(200, "application/json", body)).responding(AT_ROOT,
        metadata("https://root.example"));

    assertThat(discover(401).issuers()).containsExactly(new Issuer("https://root.example"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/html", "application/json, application/json", "text/plain", ""})
  void readsAJsonObjectWhateverItsMediaType(String mediaType) {
    world.responding(AT_PATH, HttpResponses.typed(200, mediaType, "\ufeff" + metadata("https://path.example").text()));

    assertThat(discover(401).issuers()).containsExactly(new Issuer("https://path.example"));
  }

  @Test
  void doesNotGoOnFromAGuessedDocumentThatFailsItsCheck() {
    world.responding(AT_PATH, HttpResponses.json(200, "{'resource':'https://evil.example/mcp',"
        + "'authorization_servers':['https://evil.example']}")).responding(AT_ROOT, metadata("https://root.example"));

    assertBroken(ErrorCode.RESOURCE_MISMATCH, () -> discover(401));
    assertThat(world.asked()).containsExactly(AT_PATH);
  }

  @Test
  void takesAnObjectThatClaimsNothingForAbsence() {
    world.responding(AT_PATH, HttpResponses.json(200, "{'error':'not_found'}")).responding(AT_ROOT,
        metadata("https://root.example"));

    assertThat(discover(401).issuers()).containsExactly(new Issuer("https://root.example"));
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 408, 425, 429})
  void triesTheNextGuessWhereAServerIsUnavailable(int status) {
    world.responding(AT_PATH, HttpResponses.html(status)).responding(AT_ROOT, metadata("https://root.example"));

    assertThat(discover(401).issuers()).containsExactly(new Issuer("https://root.example"));
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 408, 425, 429})
  void concludesNoAbsenceFromAServerThatIsUnavailable(int status) {
    world.responding(AT_PATH, HttpResponses.html(status));

    assertFails(Failure.Unreachable.class, ErrorCode.UPSTREAM_UNREACHABLE, () -> discover(401));
    assertThat(world.asked()).containsExactly(AT_PATH, AT_ROOT);
  }

  @Test
  void concludesNoAbsenceFromATimeOut() {
    world.failing(AT_PATH, timeOut());

    assertFails(Failure.Unreachable.class, ErrorCode.UPSTREAM_TIMEOUT, () -> discover(401));
    assertThat(world.asked()).containsExactly(AT_PATH, AT_ROOT);
  }

  @Test
  void findsMetadataBehindATimeOut() {
    world.failing(AT_PATH, timeOut()).responding(AT_ROOT, metadata("https://root.example"));

    assertThat(discover(401).issuers()).containsExactly(new Issuer("https://root.example"));
  }

  @Test
  void doesNotAskOnWhereAGuessedUrlIsBlocked() {
    var blocked = new Failure.BadRequest(ErrorCode.BLOCKED_URL, "blocked");
    world.failing(AT_PATH, blocked).responding(AT_ROOT, metadata("https://root.example"));

    assertThatThrownBy(() -> discover(401)).isSameAs(blocked);
  }

  @Test
  void takesAServerThatReturns401AndHasNoMetadataForALegacyOne() {
    var found = discover(401);

    assertThat(found.found()).isEqualTo(Found.LEGACY);
    assertThat(found.isLegacy()).isTrue();
    assertThat(found.issuers()).containsExactly(new Issuer("https://mcp.example"));
    assertThat(found.metadataUrl()).isEqualTo(SERVER);
    assertThat(world.asked()).containsExactly(AT_PATH, AT_ROOT);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 202, 400, 404, 405})
  void takesNoServerForALegacyOneThatAskedForNoAuthorization(int status) {
    assertFails(Failure.Unknown.class, ErrorCode.RESOURCE_METADATA_NOT_FOUND, () -> discover(status));
  }

  @Test
  void takesAServerWithMetadataForNoLegacyOneThoughItReturns200() {
    world.responding(AT_PATH, metadata("https://path.example"));

    assertThat(discover(200).found()).isEqualTo(Found.WELL_KNOWN);
  }

  @Test
  void takesEachUrlForPublicAndSendsNoCredential() {
    world.responding(AT_PATH, metadata("https://path.example"));

    discover(401);

    var request = world.requests().getFirst();
    assertThat(request.method()).isEqualTo("GET");
    assertThat(request.headers()).containsOnlyKeys("Accept");
  }

  private DiscoveredResource discover(int status, String... challenges) {
    var probe = new Probe(status, Challenge.answerable(List.of(challenges)));
    return discovery.resource(SERVER, probe, Deadline.in(Duration.ofMinutes(1)));
  }

  private static Failure timeOut() {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_TIMEOUT, "no response in time", "", true);
  }

  private static HttpResponse metadata(String issuer) {
    return HttpResponses.json(200, "{'resource':'https://mcp.example/mcp','authorization_servers':['" + issuer + "']}");
  }
}
