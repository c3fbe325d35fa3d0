package social.avatarai.mcp.record;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.HttpResponses.object;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.record.ToolChange.Kind;

class ToolDigestsTest {
  private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
  private static final String ECHO = """
      {'name':'echo','title':'Echo','description':'Repeats.','inputSchema':{'type':'object','required':['a']},
      'outputSchema':{'type':'object'},'annotations':{'readOnlyHint':true}}""";

  private static ToolDigests tools(String... tools) {
    return ToolDigests.of(new ListedItems(Stream.of(tools).<JsonNode>map(tool -> object(tool)).toList(), false));
  }

  private static ToolDigests first(String... tools) {
    return ToolDigests.of(new ListedItems(Stream.of(tools).<JsonNode>map(tool -> object(tool)).toList(), true));
  }

  private static List<ToolChange> changes(ToolDigests before, ToolDigests after) {
    return before.changesTo(after, NOW);
  }

  @Test
  void theSameToolsHaveNotChanged() {
    assertThat(changes(tools(ECHO), tools(ECHO))).isEmpty();
    assertThat(changes(tools(), tools())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"'Echo'", "'Repeats.'", "['a']", "{'type':'object'}", "{'readOnlyHint':true}"})
  void whateverAModelReadsOfAToolIsAChange(String part) {
    assertThat(changes(tools(ECHO), tools(ECHO.replace(part, "null"))))
        .containsExactly(new ToolChange(NOW, Kind.CHANGED, "echo"));
  }

  @Test
  void theOrderOfMembersAndToolsIsNoChange() {
    assertThat(changes(tools("{'name':'a','inputSchema':{'x':{'p':1,'q':[1,2]},'y':2}}", ECHO),
        tools(ECHO, "{'inputSchema':{'y':2,'x':{'q':[1,2],'p':1}},'name':'a'}"))).isEmpty();
    assertThat(
        changes(tools("{'name':'a','inputSchema':{'q':[1,2]}}"), tools("{'name':'a','inputSchema':{'q':[2,1]}}")))
        .hasSize(1);
  }

  @Test
  void aNameIsNotTakenForAValue() {
    assertThat(changes(tools("{'name':'a','inputSchema':{'x':'1','y':'2'}}"),
        tools("{'name':'a','inputSchema':{'x':'1,1y:2'}}"))).hasSize(1);
  }

  @Test
  void addedAndRemovedToolsAreNamed() {
    assertThat(changes(tools(ECHO, "{'name':'old'}"), tools(ECHO, "{'name':'new'}")))
        .containsExactly(new ToolChange(NOW, Kind.ADDED, "new"), new ToolChange(NOW, Kind.REMOVED, "old"));
  }

  @Test
  void aToolBeyondTheEndOfAListIsNeitherAddedNorRemoved() {
    assertThat(changes(tools(ECHO, "{'name':'beyond'}"), first(ECHO))).isEmpty();
    assertThat(changes(first(ECHO), tools(ECHO, "{'name':'beyond'}"))).isEmpty();
    assertThat(changes(first(ECHO), first("{'name':'echo'}"))).hasSize(1);
  }

  @Test
  void aSecondToolOfTheSameNameCannotHideAChange() {
    assertThat(changes(tools(ECHO, "{'name':'echo'}"), tools(ECHO.replace("Repeats", "Steals"), "{'name':'echo'}")))
        .containsExactly(new ToolChange(NOW, Kind.CHANGED, "echo"));
  }

  @Test
  void aLongNameIsShortenedAndStaysOneTool() {
    String name = "n".repeat(5000);
    var changes = changes(tools(), tools("{'name':'" + name + "1'}", "{'name':'" + name + "2'}"));
    assertThat(changes).hasSize(2).allSatisfy(change -> assertThat(change.name()).hasSizeLessThanOrEqualTo(100));
    assertThat(changes(tools("{'name':'" + name + "'}"), tools("{'name':'" + name + "'}"))).isEmpty();
  }
}
