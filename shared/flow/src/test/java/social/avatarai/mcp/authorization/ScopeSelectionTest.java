package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.authorization.ScopeSelection.Sources;

class ScopeSelectionTest {

  @ParameterizedTest
  @CsvSource(nullValues = "-", value = {"mine,challenged,listed,registered,mine",
      "-,challenged,listed,registered,challenged",
      "-,'',listed,registered,listed", "-,'','',registered,registered", "-,'','','',''",
      // a caller that requests no scopes gets none
      "'',challenged,listed,registered,''"})
  void takesTheFirstSourceThatSaysSomething(@Nullable String explicit, String challenged, String resource,
      String registered, String chosen) {
    var selection = select(explicit, challenged, resource, registered, "read openid", false);

    assertThat(selection).isEqualTo(new ScopeSelection(Scopes.parse(chosen), false));
  }

  @ParameterizedTest
  @CsvSource(nullValues = "-", value = {"mine,'',mine offline_access", "-,challenged,challenged offline_access",
      "-,'',offline_access", "'','',offline_access"})
  void addsOfflineAccessWhereTheIssuerListsIt(@Nullable String explicit, String challenged, String chosen) {
    var selection = select(explicit, challenged, "", "", "read offline_access", false);

    assertThat(selection).isEqualTo(new ScopeSelection(Scopes.parse(chosen), true));
  }

  @ParameterizedTest
  @CsvSource({"read", "''", "OFFLINE_ACCESS", "offline", "offline.access"})
  void addsNothingWhereTheIssuerDoesNotListOfflineAccess(String listed) {
    assertThat(select(null, "challenged", "", "", listed, false))
        .isEqualTo(new ScopeSelection(Scopes.parse("challenged"), false));
  }

  @ParameterizedTest
  @CsvSource({"challenged,challenged", "'',''"})
  void addsNothingWhereThisConnectionHasSeenItRefused(String challenged, String chosen) {
    assertThat(select(null, challenged, "", "", "offline_access", true))
        .isEqualTo(new ScopeSelection(Scopes.parse(chosen), false));
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void doesNotTakeOfflineAccessForItsOwnIdeaWhereItWasAskedFor(boolean refusedBefore) {
    assertThat(select("offline_access read", "", "", "", "offline_access", refusedBefore))
        .isEqualTo(new ScopeSelection(Scopes.parse("offline_access read"), false));
  }

  @ParameterizedTest
  @CsvSource({"false,files offline_access,true", "true,files,false"})
  void takesOfflineAccessInARegistrationForItsOwnIdea(boolean refusedBefore, String chosen, boolean added) {
    assertThat(select(null, "", "", "files offline_access", "files offline_access", refusedBefore))
        .isEqualTo(new ScopeSelection(Scopes.parse(chosen), added));
  }

  @ParameterizedTest
  @CsvSource(nullValues = "-", value = {"mine,'',mine openid", "-,read,read openid", "-,openid read,openid read",
      // no scope is the issuer's default, which openid alone would replace
      "'',read,''", "-,'',''"})
  void addsTheScopesOfAProfileToThoseThatAreRequested(@Nullable String explicit, String challenged, String chosen) {
    var selection = ScopeSelection.select(new Sources(explicit == null ? null : Scopes.parse(explicit),
        Scopes.parse(challenged), Scopes.none(), Scopes.none(), Scopes.none(), Scopes.parse("openid"), false));

    assertThat(selection).isEqualTo(new ScopeSelection(Scopes.parse(chosen), false));
  }

  private static ScopeSelection select(@Nullable String explicit, String challenged, String resource,
      String registered, String issuer, boolean offlineAccessRefused) {
    return ScopeSelection.select(new Sources(explicit == null ? null : Scopes.parse(explicit),
        Scopes.parse(challenged), Scopes.parse(resource), Scopes.parse(registered), Scopes.parse(issuer),
        Scopes.none(), offlineAccessRefused));
  }
}
