package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.ServerOffer;
import social.avatarai.mcp.record.ServerOffers;
import social.avatarai.mcp.record.ToolDigests;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.testkit.store.ServerOffersContract;

class DynamoDbServerOffersTest extends ServerOffersContract {
  private final ServerOffers offers = new DynamoDbServerOffers(Stores.client(), Stores.TABLES);

  @Override
  protected ServerOffers offers() {
    return offers;
  }

  @Test
  void offerThatCannotBeReadKeepsNoOtherOneFromBeingRead() {
    var user = Samples.user();
    var servers = List.of(new ConnectionId("damaged"), new ConnectionId("whole"));
    for (var server : servers)
      assertThat(offers.keep(new ConnectionKey(user, server), offer(), null)).isTrue();
    Stores.spoilServer(ServerOfferItem.key(new ConnectionKey(user, servers.getFirst())));
    assertThat(offers.withoutLists(user, servers)).extracting(Listed::connection, listed -> listed.read().isPresent())
        .containsExactlyInAnyOrder(tuple(servers.getFirst(), false), tuple(servers.getLast(), true));
  }

  private static ServerOffer offer() {
    return new ServerOffer(new EndpointUrl("https://mcp.example/mcp"), null, Instant.ofEpochSecond(1),
        Json.newObject(), Json.newObject(), new ToolDigests(Map.of(), false), List.of(), false);
  }
}
