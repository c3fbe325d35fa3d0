package social.avatarai.mcp.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.http.Json;

class HiddenQueryInDocumentTest {
  private static final EndpointUrl URL = new EndpointUrl("https://h.example/mcp?sig=a/canary");

  private static ObjectNode json(String text) {
    return Json.object(text.replace('\'', '"').getBytes(UTF_8)).orElseThrow();
  }

  @Test
  void hidesTheQueryInMemberNamesAndInEveryUsualForm() {
    assertThat(HiddenQuery.in(json("{'endpoint':{'url':'https://h.example/mcp?sig=a/canary'},'n':[1,{"
        + "'https://h.example/mcp?sig=a/canary':'HTTPS://H.example/mcp/?sig=a/canary','x':'sig%3Da%2Fcanary',"
        + "'y':'h.example%2fmcp%3fsig%3da%2fcanary'}]}"), URL))
        .isEqualTo(json("{'endpoint':{'url':'https://h.example/mcp?***'},'n':[1,{"
            + "'https://h.example/mcp?***':'HTTPS://H.example/mcp/?***','x':'***','y':'h.example%2fmcp%3f***'}]}"));
  }

  @Test
  void keepsTheOrderOfMembersAndTheUrlOfTheRecordWhenAFormerUrlIsHidden() {
    var document = json(
        "{'b':'https://h.example/mcp?sig=a/canary','endpoint':{'url':'https://new.example/?***'},'a':1}");
    assertThat(HiddenQuery.ofOther(document, URL)).hasToString("{\"b\":\"https://h.example/mcp?***\","
        + "\"endpoint\":{\"url\":\"https://new.example/?***\"},\"a\":1}");
  }

  /** Words would be hidden with a query that is as short as a word. */
  @Test
  void hidesAShortQueryWithItsUrlOnly() {
    assertThat(HiddenQuery.in(json("{'a':'https://h.example/mcp?v=2 and v=2'}"), new EndpointUrl(
        "https://h.example/mcp?v=2"))).isEqualTo(json("{'a':'https://h.example/mcp?*** and v=2'}"));
  }
}
