package social.avatarai.mcp.benchmarks.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.testkit.memory.MemoryResponse;

/**
 * Issuers that rotate refresh tokens and answer at once. A refresh token names the grant that it belongs to, so that the
 * simulation knows which grant a request is about.
 */
final class SimulatedIssuers implements Outbound {
  private static final String TOKEN = "refresh_token=grant-";

  private final Duration tokenLife;
  private final Consumer<Integer> refreshed;
  private final AtomicLong rotations = new AtomicLong();

  /** @param refreshed is given the number of each grant whose refresh token arrives */
  SimulatedIssuers(Duration tokenLife, Consumer<Integer> refreshed) {
    this.tokenLife = tokenLife;
    this.refreshed = refreshed;
  }

  static String refreshToken(int grant, long rotation) {
    return "grant-" + grant + "-" + rotation;
  }

  @Override
  public <T> T exchange(OutboundRequest request, Deadline deadline, ResponseReader<T> reader) {
    String form = new String(request.body(), UTF_8);
    int begin = form.indexOf(TOKEN) + TOKEN.length();
    int grant = Integer.parseInt(form.substring(begin, form.indexOf('-', begin)));
    refreshed.accept(grant);
    String response = """
        {"access_token":"access-%1$d-%2$d","token_type":"Bearer","expires_in":%3$d,"refresh_token":"%4$s"}"""
        .formatted(grant, rotations.incrementAndGet(), tokenLife.toSeconds(),
            refreshToken(grant, rotations.get()));
    return MemoryResponse.read(reader, 200, response);
  }

  @Override
  public void admit(EndpointUrl url) {}
}
