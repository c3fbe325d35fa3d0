package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.local.Template.Route;

/** Which routes of the template anybody may call. */
class OpenRoutesTest {

  /** A failure of the field: a GET without a user registered a client. */
  @Test
  void noClientIsRegisteredByAGetOrWithoutAUser() throws Exception {
    var routes = Template.read(Path.of("..", "template.yaml")).routes();
    assertThat(routes).filteredOn(route -> route.handlerClass().endsWith("RegisterClientHandler")).isNotEmpty()
        .allSatisfy(route -> assertThat(route.method()).isEqualTo("POST")).noneMatch(Route::isPublic);
    assertThat(routes).filteredOn(Route::isPublic).isNotEmpty()
        .allMatch(route -> route.handlerClass().endsWith(".CallbackHandler")
            || route.handlerClass().endsWith(".ClientMetadataHandler"));
  }
}
