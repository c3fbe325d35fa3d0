package social.avatarai.mcp.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.Json;

/** Whatever a server says of what it offers can be stored, read, shown, and sent back in a record as it was shown. */
class OfferedWordsFuzzTest {
  private static final ConnectionKey KEY = new ConnectionKey(new UserId("user-one"),
      new ConnectionId("invented-server"));
  private static final EndpointUrl URL = new EndpointUrl("https://mcp.example/mcp?api_key=invented-key");

  @FuzzTest
  void takesWhateverAServerSays(byte[] bytes) {
    Json.value(bytes).ifPresent(said -> {
      var words = OfferedWords.of(URL, said, lists(said));
      requireReadable(words.about());
      requireReadable(words.lists());
      var offer = new ServerOffer(URL, null, Instant.EPOCH, words.about(), words.lists(), words.tools(),
          words.tools().changesTo(new ToolDigests(Map.of(), false), Instant.EPOCH), true);
      var record = Json.newObject().put("syncResources", true);
      record.putObject("endpoint").put("url", URL.value());
      offer.showIn(record);
      ServerRecord.read(KEY, record, new Profiles(List.of()));
    });
  }

  private static Map<OfferKind, ListedItems> lists(JsonNode said) {
    var lists = new EnumMap<OfferKind, ListedItems>(OfferKind.class);
    for (var kind : OfferKind.values())
      lists.put(kind, new ListedItems(said.isContainerNode() ? said.valueStream().toList() : List.of(said), false));
    return lists;
  }

  private static void requireReadable(ObjectNode stored) {
    if (Json.object(stored.toString().getBytes(UTF_8)).isEmpty()) throw new AssertionError("broken: it can be read");
  }
}
