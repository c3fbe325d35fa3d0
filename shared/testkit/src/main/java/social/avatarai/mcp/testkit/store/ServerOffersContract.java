package social.avatarai.mcp.testkit.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.ServerOffer;
import social.avatarai.mcp.record.ServerOffers;
import social.avatarai.mcp.record.ToolChange;
import social.avatarai.mcp.record.ToolDigests;
import social.avatarai.mcp.token.GrantId;

/** The contract of {@link ServerOffers}. */
public abstract class ServerOffersContract {
  private static final EndpointUrl URL = new EndpointUrl("https://mcp.example/mcp");

  protected abstract ServerOffers offers();

  private static ObjectNode json(String text) {
    return Json.object(text.replace('\'', '"').getBytes(UTF_8)).orElseThrow();
  }

  private static ServerOffer offer(@Nullable GrantId grant, Instant listedAt) {
    return new ServerOffer(URL, grant, listedAt,
        json("{'capabilities':{'tools':{}},'instructions':'Ask \\u4e2d first'}"),
        json("{'tools':{'items':[{'name':'echo','inputSchema':{'type':'object'}}],'truncated':true}}"),
        new ToolDigests(Map.of("echo", "digest", "", "of a tool without a name"), true),
        List.of(new ToolChange(NOW.minusSeconds(60), ToolChange.Kind.REMOVED, "gone")), true);
  }

  private static ServerOffer plain(Instant listedAt) {
    return new ServerOffer(URL, null, listedAt, Json.newObject(), Json.newObject(),
        new ToolDigests(Map.of(), false), List.of(), false);
  }

  @Test
  void findsNothingWhereNoneIs() {
    assertThat(offers().find(Samples.key())).isEmpty();
    assertThat(offers().withoutLists(Samples.user(), List.of(new ConnectionId("one")))).isEmpty();
  }

  @Test
  void findsWhatWasKeptForItsUserAlone() {
    var key = Samples.key();
    var offer = offer(GrantId.fresh(), NOW);
    assertThat(offers().keep(key, offer, null)).isTrue();
    assertThat(offers().find(key)).contains(offer);
    assertThat(offers().find(new ConnectionKey(Samples.user(), key.connection()))).isEmpty();
  }

  @Test
  void keepsInPlaceOfWhatWasRead() {
    var key = Samples.key();
    var before = offer(GrantId.fresh(), NOW);
    offers().keep(key, before, null);
    var after = plain(NOW.plusSeconds(1));
    assertThat(offers().keep(key, after, before)).isTrue();
    assertThat(offers().find(key)).contains(after);
  }

  @Test
  void keepsNothingOverWhatWasKeptMeanwhile() {
    var key = Samples.key();
    var first = plain(NOW);
    var second = plain(NOW.plusSeconds(1));
    offers().keep(key, first, null);
    assertThat(offers().keep(key, second, null)).as("read before the first was kept").isFalse();
    offers().keep(key, second, first);
    assertThat(offers().keep(key, plain(NOW.plusSeconds(2)), first)).as("read before the second was kept").isFalse();
    assertThat(offers().find(key)).contains(second);
  }

  @Test
  void listsOffersWithoutTheirLists() {
    var user = Samples.user();
    var one = new ConnectionId("one");
    var offer = offer(null, NOW);
    offers().keep(new ConnectionKey(user, one), offer, null);
    offers().keep(new ConnectionKey(user, new ConnectionId("other")), offer, null);
    assertThat(offers().withoutLists(user, List.of(one, new ConnectionId("none")))).containsExactly(Listed.readable(one,
        new ServerOffer(URL, null, NOW, offer.about(), Json.newObject(), new ToolDigests(Map.of(), false),
            offer.changes(), true)));
  }

  @Test
  void deletesOneOfferOrAllOfAUser() {
    var user = Samples.user();
    var other = Samples.key();
    var keys = IntStream.range(0, 3).mapToObj(i -> new ConnectionKey(user, new ConnectionId("server-" + i))).toList();
    keys.forEach(key -> offers().keep(key, plain(NOW), null));
    offers().keep(other, plain(NOW), null);
    offers().delete(keys.getFirst());
    offers().delete(keys.getFirst());
    assertThat(offers().find(keys.getFirst())).isEmpty();
    assertThat(offers().find(keys.getLast())).isPresent();
    offers().deleteAll(user);
    offers().deleteAll(user);
    assertThat(keys).allSatisfy(key -> assertThat(offers().find(key)).isEmpty());
    assertThat(offers().find(other)).isPresent();
  }

  @Test
  void keepsAnOfferOfTheLargestSize() {
    var key = Samples.key();
    var lists = Json.newObject();
    lists.putObject("tools").putArray("items").addObject().put("description", "中".repeat(43_000));
    var digests = IntStream.range(0, 1000).boxed()
        .collect(Collectors.toMap(i -> i + "-" + "n".repeat(95), i -> "d".repeat(43)));
    var offer = new ServerOffer(URL, null, NOW, Json.newObject(), lists, new ToolDigests(digests, false), List.of(),
        false);
    assertThat(offers().keep(key, offer, null)).isTrue();
    assertThat(offers().find(key)).contains(offer);
  }
}
