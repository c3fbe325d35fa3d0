package social.avatarai.mcp.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.MovableClock;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.ScriptedOutbound;
import social.avatarai.mcp.http.HttpResponse;

/** When the operator's one document is used, and when the next kind of registration is used instead. */
class FixedDocumentTest {
  private static final String URL = "https://www.example/client.json";
  private static final RedirectUri LISTED = new RedirectUri("https://app.example/api/mcp/oauth/issuer/a/callback");
  private static final RedirectUri OTHER = new RedirectUri("https://app.example/api/mcp/oauth/issuer/b/callback");
  private static final HttpResponse DOCUMENT = document(URL, LISTED.value());

  private final MovableClock clock = new MovableClock();
  private final ScriptedOutbound world = new ScriptedOutbound();
  private final FixedDocument document = new FixedDocument(new EndpointUrl(URL), world, clock);

  private static HttpResponse document(String clientId, String redirectUri) {
    return HttpResponses.json(200, "{'client_id':'" + clientId + "','redirect_uris':['" + redirectUri + "']}");
  }

  private boolean isUsable(RedirectUri redirectUri) {
    return document.isUsableFor(redirectUri, Deadline.in(Duration.ofSeconds(25)));
  }

  @Test
  void isUsedForTheRedirectUrisThatItListsAndForNoOther() {
    world.responding(URL, DOCUMENT);

    assertThat(isUsable(LISTED)).isTrue();
    assertThat(isUsable(OTHER)).isFalse();
  }

  @Test
  void isReadWithinTwoSecondsAndWithoutFollowingARedirect() {
    world.responding(URL, DOCUMENT);
    isUsable(LISTED);

    assertThat(world.requests()).singleElement().satisfies(request -> {
      assertThat(request.method()).isEqualTo("GET");
      assertThat(request.maxTime()).isEqualTo(Duration.ofSeconds(2));
      assertThat(request.followsRedirects()).isFalse();
    });
  }

  @Test
  void isUsedAsItIsWhereThereIsNoConnection() {
    world.failing(URL, new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE, "no such name", "", false));

    assertThat(isUsable(OTHER)).isTrue();
  }

  /** The bug: one user's 429 was remembered for 10 minutes, as a document that lists nothing, for everybody. */
  @Test
  void doesNotRememberThatAUserHadTooManySlowCallsToReadIt() {
    world.failing(URL, new Failure.Crowded("too many", true)).responding(URL, DOCUMENT);

    assertThatThrownBy(() -> isUsable(LISTED)).isInstanceOf(Failure.Crowded.class);
    assertThat(isUsable(LISTED)).isTrue();
  }

  @Test
  void doesNotRememberWhatACallWithLittleTimeCouldNotRead() {
    world.failing(URL, new Failure.Unreachable(ErrorCode.UPSTREAM_TIMEOUT, "late", "", true))
        .responding(URL, DOCUMENT);

    assertThat(document.isUsableFor(OTHER, Deadline.in(Duration.ofSeconds(1)))).isTrue();
    assertThat(isUsable(OTHER)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 504, 429, 408, 425})
  void isUsedUncheckedIfItsServerCannotRespondNow(int status) {
    world.responding(URL, HttpResponses.html(status));

    assertThat(isUsable(OTHER)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 204, 301, 302, 307, 400, 401, 403, 404, 410})
  void isNotUsedWhereNoDocumentIs(int status) {
    world.responding(URL,
        HttpResponses.with(status, Map.of("location", "https://www.example/other.json"), "<!doctype html>"));

    assertThat(isUsable(LISTED)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "{'client_id':'" + URL + "'}", "{'client_id':'" + URL + "','redirect_uris':{}}",
      "{'client_id':'" + URL + "','redirect_uris':'https://app.example/api/mcp/oauth/issuer/a/callback'}"})
  void isNotUsedWhereItListsNothing(String body) {
    world.responding(URL, HttpResponses.json(200, body));

    assertThat(isUsable(LISTED)).isFalse();
  }

  @Test
  void isNotUsedWhereItIsTheDocumentOfAnotherAddress() {
    world.responding(URL, document(URL + "/", LISTED.value()));

    assertThat(isUsable(LISTED)).isFalse();
  }

  @Test
  void isNotUsedWhereTheDoorRefusesItsAddress() {
    world.failing(URL, new Failure.BadRequest(ErrorCode.BLOCKED_URL, "blocked"));

    assertThat(isUsable(LISTED)).isFalse();
  }

  /** The failure looks like that of a name without addresses, which leaves the document in use. */
  @Test
  void isNotUsedWhereItsNameLeadsToAnAddressThatTheDoorRefuses() {
    world.failing(URL, new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE, "no such name", "", false)
        .atForbiddenAddress("a forbidden address"));

    assertThat(isUsable(LISTED)).isFalse();
  }

  @Test
  void isNotUsedWhereItIsMoreThanTheDoorReads() {
    world.failing(URL, new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER, "over its cap", ""));

    assertThat(isUsable(LISTED)).isFalse();
  }

  @Test
  void isUsedAsItIsUnderANameThatHasNoAddressOutsideOneLink() {
    var linkLocal = new FixedDocument(new EndpointUrl("https://metadata-test.local/client.json"), world, clock);

    assertThat(linkLocal.isUsableFor(OTHER, Deadline.in(Duration.ofSeconds(25)))).isTrue();
    assertThat(world.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10})
  void isUsedAsItWasReadBeforeWhereItsServerCannotRespondNow(int minutes) {
    world.responding(URL, DOCUMENT).responding(URL, HttpResponses.html(503));

    assertThat(isUsable(LISTED)).isTrue();
    clock.advance(Duration.ofMinutes(minutes));
    assertThat(isUsable(OTHER)).isFalse();
    assertThat(isUsable(OTHER)).isFalse();
    assertThat(isUsable(LISTED)).isTrue();
    assertThat(world.requests()).as("not read again at once").hasSize(2);
  }

  @Test
  void redirectUriThatWasAddedSinceIsSeenAfterAMinute() {
    world.responding(URL, DOCUMENT).responding(URL, document(URL, OTHER.value()));

    assertThat(isUsable(OTHER)).isFalse();
    clock.advance(Duration.ofSeconds(59));
    assertThat(isUsable(OTHER)).isFalse();
    assertThat(world.requests()).hasSize(1);
    clock.advance(Duration.ofSeconds(1));
    assertThat(isUsable(OTHER)).isTrue();
  }

  @Test
  void isReadAgainAfterTenMinutesAndNotBefore() {
    world.failing(URL, new Failure.Unreachable(ErrorCode.UPSTREAM_TIMEOUT, "late", "", true)).responding(URL, DOCUMENT);

    assertThat(isUsable(OTHER)).isTrue();
    clock.advance(Duration.ofMinutes(10).minusSeconds(1));
    assertThat(isUsable(OTHER)).isTrue();
    clock.advance(Duration.ofSeconds(1));
    assertThat(isUsable(OTHER)).isFalse();
    assertThat(world.requests()).hasSize(2);
  }
}
