package social.avatarai.mcp.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.token.Tokens;

class LiveCredentialsTest {
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

  private static Optional<LiveCredentials> find(String record) {
    return LiveCredentials.read(new RecordFields(HttpResponses.object(record)), " ");
  }

  private static LiveCredentials read(String record) {
    return find(record).orElseThrow();
  }

  /** Credentials with an access token and these members, in a record with these members. */
  private static LiveCredentials with(String credentials, String authorization, String record) {
    return read("{'authorization':{'credentials':{'access_token':'invented'" + credentials + "}" + authorization + "}"
        + record + "}");
  }

  private static LiveCredentials with(String credentials) {
    return with(credentials, "", "");
  }

  @Test
  void readsWhatTheUsersDocumentSays() {
    var live = with(",'refresh_token':'invented-refresh','expires_at':'2025-06-24T23:42:39.898818343+08:00',"
        + "'expires_in':7200,'scope':'repo user','token_type':'bearer'", ",'expireAt':1750000000", "");
    assertThat(live.accessToken()).isEqualTo(new AccessToken("invented"));
    assertThat(live.refreshToken()).isEqualTo(new RefreshToken("invented-refresh"));
    assertThat(live.scope()).isEqualTo(Scopes.parse("repo user"));
    var expiresAt = Instant.parse("2025-06-24T15:42:39.898Z");
    assertThat(live.expiresAt()).as("expires_at wins over expireAt").isEqualTo(expiresAt);
    assertThat(live.obtainedAt()).isEqualTo(expiresAt.minusSeconds(7200));
    assertThat(live.toString()).doesNotContain("invented");
  }

  @Test
  void expireAtWinsOverExpiresIn() {
    var live = with(",'expires_in':60", ",'expireAt':1750779759", ",'updatedAt':1750000000");
    assertThat(live.expiresAt()).isEqualTo(Instant.ofEpochSecond(1750779759));
    assertThat(live.obtainedAt()).isEqualTo(Instant.ofEpochSecond(1750779759 - 60));
  }

  @Test
  void updateOfTheRecordSaysWhenATokenEndsAndNotWhenItWasObtained() {
    var live = with(",'expires_in':'7200'", ",'expireAt':-62135596800", ",'updatedAt':1750772959");
    assertThat(live.obtainedAt()).as("every change of the record moves updatedAt").isNull();
    assertThat(live.expiresAt()).isEqualTo(Instant.ofEpochSecond(1750772959 + 7200));
    assertThat(with(",'expires_in':7200").expiresAt()).as("since when is not known").isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"'0001-01-01T00:00:00Z'", "0", "-62135596800", "null", "''", "'1970-01-01T00:00:00Z'"})
  void zeroValuesMeanThatTheExpiryIsNotKnown(String zero) {
    var live = with(",'expires_at':" + zero + ",'expires_in':0,'refresh_token':'','scope':'','token_type':''",
        ",'expireAt':" + (zero.contains("T") ? "-62135596800" : zero), ",'updatedAt':0");
    assertThat(live).isEqualTo(new LiveCredentials(new AccessToken("invented"), null, Scopes.none(), null, null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{'authorization':null}", "{'authorization':{'credentials':null}}",
      "{'authorization':{'credentials':{}}}",
      "{'authorization':{'credentials':{'access_token':'','refresh_token':null,'expires_at':'0001-01-01T00:00:00Z'}}}"})
  void recordWithoutTokensHasNone(String record) {
    assertThat(find(record)).isEmpty();
  }

  @Test
  void commasSeparateScopesWhereTheProviderDoesSo() {
    var record = HttpResponses.object("{'authorization':{'credentials':{'access_token':'a','scope':'repo,user'}}}");
    assertThat(LiveCredentials.read(new RecordFields(record), ",").orElseThrow().scope())
        .isEqualTo(Scopes.parse("repo user"));
  }

  @Test
  void tokensKeepTheLifeThatTheRecordSays() {
    var tokens = with(",'expires_at':'2026-01-31T12:02:00Z'").tokens(NOW, true, Scopes.parse("read"));
    assertThat(tokens.scope()).isEqualTo(Scopes.parse("read"));
    assertThat(tokens.expiresAt()).isEqualTo(Instant.parse("2026-01-31T12:02:00Z"));
    assertThat(Duration.between(tokens.obtainedAt(), Objects.requireNonNull(tokens.expiresAt())))
        .as("a token that ends soon is no short-lived one").isEqualTo(Duration.ofHours(1));
    assertThat(with("").tokens(NOW, true, Scopes.none()).obtainedAt()).isEqualTo(NOW);
    assertThat(with(",'expires_at':'2027-01-31T12:00:00Z'").tokens(NOW, true, Scopes.none()).obtainedAt())
        .as("never in the future").isEqualTo(NOW);
    assertThat(with(",'refresh_token':'r'").tokens(NOW, false, Scopes.none()).refreshToken()).isNull();
  }

  private static Tokens held(String access, @Nullable String refresh, String obtainedAt, @Nullable String expiresAt) {
    return new Tokens(new AccessToken(access), refresh == null ? null : new RefreshToken(refresh), Scopes.none(),
        Instant.parse(obtainedAt), expiresAt == null ? null : Instant.parse(expiresAt));
  }

  @ParameterizedTest
  @CsvSource(quoteCharacter = '"', textBlock = """
      "the same tokens",                          old, refresh-old, 2026-01-31T09:00:00Z, true,  false
      "renewed since the record was written",     new, refresh-new, 2026-01-31T11:00:00Z, true,  false
      "older than the record",                    new, refresh-new, 2026-01-31T08:00:00Z, true,  true
      "at the same time",                         new, refresh-new, 2026-01-31T10:00:00Z, true,  false
      "renewed without a new refresh token",      new, refresh-old, 2026-01-31T08:00:00Z, true,  false
      "no longer usable",                         new, refresh-new, 2026-01-31T11:00:00Z, false, true
      "no longer usable, with the same token",    new, refresh-old, 2026-01-31T11:00:00Z, false, false
      """)
  void heldTokensAreReplacedByNewerOnesOnly(String why, String access, String refresh, String obtainedAt,
      boolean usable, boolean replaced) {
    var live = with(",'refresh_token':'refresh-old','expires_at':'2026-01-31T12:00:00Z','expires_in':7200");
    assertThat(live.replace(held(access, refresh, obtainedAt, null), usable, true, NOW)).as(why).isEqualTo(replaced);
  }

  @ParameterizedTest
  @CsvSource(quoteCharacter = '"', textBlock = """
      "an end alone",                     ",'expires_at':'2099-01-31T12:00:00Z'", ""
      "a life since the last update",     ",'expires_in':7200",                   ",'updatedAt':1769860800"
      "obtained after now",               ",'expires_at':'2099-01-31T12:00:00Z','expires_in':7200", ""
      """)
  void timeThatProvesNothingReplacesNoRefreshTokenThatWorks(String why, String credentials, String record) {
    var live = with(",'refresh_token':'r'" + credentials, "", record);
    var held = held("a", "b", "2026-01-31T09:00:00Z", "2026-01-31T11:00:00Z");
    assertThat(live.replace(held, true, true, NOW)).as(why).isFalse();
    assertThat(live.replace(held, false, true, NOW)).as("nothing works any more").isTrue();
  }

  @Test
  void withoutAnyTimeARefreshTokenThatWorksStays() {
    var live = with(",'refresh_token':'r'");
    assertThat(live.replace(held("a", "b", "2026-01-31T11:00:00Z", null), true, true, NOW)).isFalse();
    assertThat(live.replace(held("a", null, "2026-01-31T11:00:00Z", null), true, true, NOW)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(quoteCharacter = '"', textBlock = """
      "newer, and works, beside one that works",   "",                     13:00:00, ,  true
      "newer, and would end the renewal",          "",                     13:00:00, b, false
      "newer, and over",                           "",                     12:00:00, ,  false
      "newer, over, and can be renewed",           ",'refresh_token':'r'", 12:00:00, b, true
      """)
  void newerTokensReplaceWhatWorksOnlyIfTheyDoNotEndIt(String why, String refresh, String end,
      @Nullable String heldRefresh, boolean replaced) {
    var live = with(refresh + ",'expires_at':'2026-01-31T" + end + "Z','expires_in':3600");
    var held = held("a", heldRefresh, "2026-01-31T10:00:00Z", "2026-01-31T14:00:00Z");
    assertThat(live.replace(held, true, true, NOW)).as(why).isEqualTo(replaced);
    assertThat(live.replace(held, false, true, NOW)).as("nothing works any more").isTrue();
  }

  @Test
  void tokenThatIsOverAndSaysNothingOfItsAgeReplacesNoneThatWorks() {
    var held = held("a", null, "2026-01-31T10:00:00Z", "2026-01-31T14:00:00Z");
    for (String refresh : new String[]{"", ",'refresh_token':'r'"})
      assertThat(with(refresh + ",'expires_at':'2026-01-31T12:00:00Z'").replace(held, true, true, NOW)).isFalse();
  }

  @Test
  void tokensThatHaveWaitedWithoutATimeReplaceNothingThatWorks() {
    var held = held("a", null, "2026-01-31T11:00:00Z", null);
    assertThat(with("").replace(held, true, false, NOW)).as("it may be of a consent since").isFalse();
    assertThat(with("").replace(held, false, false, NOW)).isTrue();
  }
}
