package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.discovery.MetadataCache;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.discovery.Strictness;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.http.ResponseHead;
import social.avatarai.mcp.registration.ClientCredentials;
import social.avatarai.mcp.testkit.store.Samples;

/** How the time of a refresh is shared between the metadata and the request with the refresh token. */
class TokenEndpointFollowerTest {
  private final Recorder outbound = new Recorder();
  private final Clock clock = Clock.fixed(Samples.NOW, ZoneOffset.UTC);
  private final TokenEndpointFollower follower = new TokenEndpointFollower(
      new TokenEndpoint(outbound,
          new IssuerRules(new Profiles(List.of()), Map.of(), Set.of(), Set.of(), Strictness.DEFAULT), clock,
          Journal.standard(clock)),
      new Discovery(outbound, new MetadataCache(clock), clock));
  private final Grant grant = Samples.grant();

  /** Notes how much time each request has, and answers 404. */
  private static final class Recorder implements Outbound {
    final List<Duration> ofMetadata = new ArrayList<>();
    final List<Duration> ofTokens = new ArrayList<>();

    @Override
    public <T> T exchange(OutboundRequest request, Deadline deadline, ResponseReader<T> reader) {
      (request.url().value().contains(".well-known") ? ofMetadata : ofTokens).add(deadline.remaining());
      try {
        return reader.read(new ResponseHead(404, Map.of()), new ByteArrayInputStream(new byte[0]));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void admit(EndpointUrl url) {}
  }

  private TokenEndpointFollower.Outcome refresh(Duration left) {
    return follower.refresh(grant, new ClientCredentials.None(grant.client().id()), Deadline.in(left));
  }

  @Test
  void refreshTokenIsNotSentWithLessThanFiveSecondsLeft() {
    assertThat(refresh(Duration.ofMillis(4_900))).isEqualTo(new TokenEndpointFollower.NoTime());
    assertThat(outbound.ofTokens).isEmpty();
  }

  @Test
  void metadataGetsOnlyTheTimeBeyondThatOfTheRequest() {
    assertThat(refresh(Duration.ofMillis(6_500))).isInstanceOf(TokenEndpointFollower.Sent.class);
    assertThat(outbound.ofTokens).singleElement()
        .satisfies(left -> assertThat(left).isGreaterThan(Duration.ofSeconds(5)));
    assertThat(outbound.ofMetadata).isNotEmpty()
        .allSatisfy(left -> assertThat(left).isLessThan(Duration.ofMillis(1_600)));
  }
}
