package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The responses to refreshes that a server repeats, as Neon does. */
final class RefreshReplays {
  private final AuthorizationServerKnobs knobs;
  private final Map<Use, Given> given = new HashMap<>();

  RefreshReplays(AuthorizationServerKnobs knobs) {
    this.knobs = knobs;
  }

  private record Use(String refreshToken, String client) {}

  private record Given(ObjectNode response, Instant at) {}

  /** Keeps the response to the first use of a refresh token. */
  void keep(String refreshToken, FakeClient client, ObjectNode response) {
    if (!knobs.provider.refreshReplay.isZero())
      given.put(new Use(refreshToken, client.id()), new Given(response.deepCopy(), knobs.clock.instant()));
  }

  /** The same response again. What is left of the life of its access token counts from the first use. */
  Optional<ObjectNode> find(String refreshToken, FakeClient client) {
    var now = knobs.clock.instant();
    return Optional.ofNullable(given.get(new Use(refreshToken, client.id())))
        .filter(first -> now.isBefore(first.at().plus(knobs.provider.refreshReplay)))
        .map(first -> first.response().deepCopy().put("expires_in",
            first.response().path("expires_in").asLong() - Duration.between(first.at(), now).toSeconds()));
  }
}
