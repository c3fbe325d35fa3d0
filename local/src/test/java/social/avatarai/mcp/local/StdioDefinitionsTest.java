package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledOnOs({OS.LINUX, OS.MAC})
class StdioDefinitionsTest {
  @TempDir
  private Path folder;

  private StdioDefinitions read(String json) throws IOException {
    var file = Files.writeString(folder.resolve("servers.json"), json.replace('\'', '"').replace("FOLDER",
        folder.toString()));
    return StdioDefinitions.read(file, Map.of("EXAMPLE_API_KEY", "invented", "OTHER", "other", "WEBHOOK_SECRET", "own",
        "MCP_GITHUB_CLIENT_SECRET", "own"));
  }

  @Test
  void definitionHasTheWholeProgramAndTheNamedVariables() throws IOException {
    var read = read("{'servers':{'cat':{'command':['/bin/cat','-u'],'environment':['EXAMPLE_API_KEY'],"
        + "'folder':'FOLDER','memory_mb':128,'log_stderr':true}, 'other':{'command':['/bin/cat'],'folder':'FOLDER'}}}");
    assertThat(read.faults()).isEmpty();
    var cat = read.all().getFirst();
    assertThat(cat.command()).isEqualTo(List.of("/bin/cat", "-u"));
    assertThat(cat.environment()).isEqualTo(Map.of("EXAMPLE_API_KEY", "invented"));
    assertThat(cat.folder()).isEqualTo(folder);
    assertThat(cat.memoryMegabytes()).isEqualTo(128);
    assertThat(cat.logsErrors()).isTrue();
    var other = read.all().get(1);
    assertThat(other.environment()).isEmpty();
    assertThat(other.memoryMegabytes()).isEqualTo(StdioDefinitions.DEFAULT_MEGABYTES);
    assertThat(other.logsErrors()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      {'folder':'FOLDER'}                                                           | command must be
      {'command':'/bin/cat','folder':'FOLDER'}                                      | command must be a list
      {'command':['cat'],'folder':'FOLDER'}                                         | absolute path of a program
      {'command':['/no/such/program'],'folder':'FOLDER'}                            | absolute path of a program
      {'command':['FOLDER'],'folder':'FOLDER'}                                      | absolute path of a program
      {'command':['/bin/cat',7],'folder':'FOLDER'}                                  | command must be a list of texts
      {'command':['/bin/cat']}                                                      | folder must be
      {'command':['/bin/cat'],'folder':'.'}                                         | folder must be
      {'command':['/bin/cat'],'folder':'/no/such/folder'}                           | folder must be
      {'command':['/bin/cat'],'folder':'FOLDER','environment':['NOT_SET']}          | the variable NOT_SET is not set
      {'command':['/bin/cat'],'folder':'FOLDER','environment':['A=B']}              | a list of names
      {'command':['/bin/cat'],'folder':'FOLDER','environment':{'A':'B'}}            | environment must be a list
      {'command':['/bin/cat'],'folder':'FOLDER','environment':['WEBHOOK_SECRET']}   | a secret of this service
      {'command':['/bin/cat'],'folder':'FOLDER','environment':['MCP_GITHUB_CLIENT_SECRET']} | a secret of this service
      {'command':['/bin/cat'],'folder':'FOLDER','memory_mb':1}                      | memory_mb must be
      {'command':['/bin/cat'],'folder':'FOLDER','memory_mb':'all'}                  | memory_mb must be
      {'command':['/bin/cat'],'folder':'FOLDER','log_stderr':'yes'}                 | log_stderr must be
      {'command':['/bin/cat'],'folder':'FOLDER','args':['-u']}                      | no other members
      """)
  void saysWhatIsWrongWithADefinition(String definition, String fault) throws IOException {
    var read = read("{'servers':{'cat':" + definition + "}}");
    assertThat(read.faults()).isNotEmpty().allSatisfy(one -> assertThat(one).startsWith("STDIO_SERVERS: cat: "))
        .anySatisfy(one -> assertThat(one).contains(fault));
    assertThat(read.all()).isEmpty();
    assertThat(read.faults().toString()).doesNotContain("invented", folder.toString());
  }

  @Test
  void secretsAreTheVariablesOfTheRunnerWhoseNameSaysSo() throws IOException {
    assertThat(read("{'servers':{}}").secrets()).isEqualTo(Set.of("invented", "own"));
  }

  @Test
  void reportsAllFaultsTogether() throws IOException {
    var read = read("{'servers':{'one':{'command':['cat'],'folder':'.'},'two words':{},'three':{'memory_mb':0}}}");
    assertThat(read.faults()).hasSize(6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{}", "{'servers':[]}", "{'servers':{},'more':1}", "{'mcpServers':{}}"})
  void fileOfAnotherFormIsRefused(String json) throws IOException {
    assertThat(read(json).faults()).hasSize(1).first().asString().startsWith("STDIO_SERVERS must name a file");
  }

  @Test
  void faultsOfTheFileAreAmongThoseOfTheSettings() {
    var settings = new LocalSettings(Map.of("STDIO_SERVERS", folder.resolve("not-there").toString(), "DEMO", "maybe"));
    assertThat(settings.faults()).hasSize(2).anyMatch(fault -> fault.startsWith("STDIO_SERVERS must name a file"));
  }
}
