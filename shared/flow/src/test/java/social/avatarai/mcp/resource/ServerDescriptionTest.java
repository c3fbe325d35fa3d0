package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.NegotiatedProtocol;

class ServerDescriptionTest {
  private static final NegotiatedProtocol LEGACY = new NegotiatedProtocol("2025-11-25", null);

  @Test
  void namesTheNegotiatedVersionAndKeepsTheOtherMembers() {
    assertThat(
        ServerDescription.of(
            HttpResponses.object("{'protocolVersion':'2025-11-25','serverInfo':{'name':'a'},'more':1}"),
            LEGACY))
        .isEqualTo(HttpResponses.object("{'version':'2025-11-25','serverInfo':{'name':'a'},'more':1}"));
  }

  @Test
  void takesTheServerInfoOfTheModernProtocolFromItsMeta() {
    String meta = "'_meta':{'io.modelcontextprotocol/serverInfo':{'name':'b'}}";
    assertThat(ServerDescription.of(HttpResponses.object("{" + meta + "}"), NegotiatedProtocol.modern()))
        .isEqualTo(HttpResponses.object("{'version':'2026-07-28','serverInfo':{'name':'b'}," + meta + "}"));
  }

  @Test
  void leavesAResultThatIsNoObjectAsItIs() {
    assertThat(ServerDescription.of(new TextNode("hello"), LEGACY)).isEqualTo(new TextNode("hello"));
  }
}
