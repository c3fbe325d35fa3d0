package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EnteredCredentials;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.MovableClock;
import social.avatarai.mcp.ScriptedOutbound;
import social.avatarai.mcp.StdioName;
import social.avatarai.mcp.discovery.Strictness;
import social.avatarai.mcp.http.UserCall;
import social.avatarai.mcp.resource.McpTransport.Peer;
import social.avatarai.mcp.resource.StdioProgram.Output;

/** The MCP client and scripted programs: what is written to them, when another one is started, and when they end. */
class StdioTransportTest {
  private static final StdioName NAME = new StdioName("scripted");
  private static final String REFUSED = "{'error':{'code':-32601,'message':'no'}}";
  private static final String INITIALIZED = "{'result':{'protocolVersion':'2025-11-25','capabilities':{}}}";
  private static final String DISCOVERED = "{'result':{'supportedVersions':['2026-07-28'],'capabilities':{}}}";
  private static final String DONE = "{'result':{'resultType':'complete'}}";
  private static final String SILENCE = "";
  private static final Deadline DEADLINE = Deadline.in(Duration.ofSeconds(20));

  private final Deque<Program> scripts = new ArrayDeque<>();
  private final List<Program> started = new ArrayList<>();
  private final MovableClock clock = new MovableClock();
  private final ScriptedOutbound outbound = new ScriptedOutbound();
  private final McpClient client = new McpClient(outbound, new Servers(), Strictness.DEFAULT, clock, _ -> {},
      Journal.standard(clock));

  @AfterEach
  void nothingIsSentOverHttp() {
    assertThat(outbound.requests()).isEmpty();
  }

  private final class Servers implements StdioServers {
    @Override
    public Set<StdioName> names() {
      return Set.of(NAME);
    }

    @Override
    public StdioProgram start(StdioName name, Duration life) {
      assertThat(name).isEqualTo(NAME);
      started.add(scripts.removeFirst());
      return started.getLast();
    }
  }

  /** Answers each request with the next line of its script, under the id of the request. */
  private static final class Program implements StdioProgram {
    private final Deque<String> script;
    private final List<String> written = new ArrayList<>();
    private boolean ended;

    Program(String... script) {
      this.script = new ArrayDeque<>(List.of(script));
    }

    @Override
    public void write(String line) {
      assertThat(ended).as("written after its end").isFalse();
      written.add(line);
    }

    @Override
    public Output read(Duration most) {
      if (script.isEmpty()) return new Output.Ended(Why.EXITED);
      String next = script.removeFirst().replace('\'', '"');
      if (next.equals(SILENCE)) return new Output.Silence();
      String id = written.stream().filter(line -> line.contains("\"id\":") && line.contains("\"method\":"))
          .reduce((_, last) -> last).orElseThrow().replaceFirst(".*\"id\":(-?\\d+).*", "$1");
      return new Output.Line(next.startsWith("{\"result\"") || next.startsWith("{\"error\"")
          ? "{\"jsonrpc\":\"2.0\",\"id\":" + id + "," + next.substring(1)
          : next);
    }

    @Override
    public void close() {
      ended = true;
    }

    List<String> methods() {
      return written.stream().map(line -> line.replaceFirst(".*?\"method\":\"([^\"]+)\".*", "$1")).toList();
    }
  }

  private static Peer peer() {
    return new Peer(Examples.ALICE, NAME.url(), null, EnteredCredentials.none(),
        new DeclaredTransport(NAME, false));
  }

  private <T> T call(Supplier<T> requests) {
    return UserCall.run(new Caller(Examples.ALICE, false), DEADLINE, requests);
  }

  private McpResponse request(String method) {
    return client.request(peer(), new McpRequest(method, null), Agreements.NONE, DEADLINE);
  }

  private void script(Program... programs) {
    scripts.addAll(List.of(programs));
  }

  @Test
  void oneProgramServesTheRequestsOfACallAndEndsWithIt() {
    script(new Program(REFUSED, INITIALIZED, DONE, DONE));
    call(() -> Stream.of(request("tools/list"), request("tools/call")).toList());
    assertThat(started).hasSize(1);
    assertThat(started.getFirst().methods()).containsExactly("server/discover", "initialize",
        "notifications/initialized", "tools/list", "tools/call");
    assertThat(started.getFirst().ended).isTrue();
  }

  @Test
  void modernProgramGetsNoHandshake() {
    script(new Program(DISCOVERED, DONE));
    assertThat(call(() -> request("tools/list"))).isInstanceOf(McpResponse.Result.class);
    assertThat(started.getFirst().methods()).containsExactly("server/discover", "tools/list");
    assertThat(started.getFirst().written.getLast()).contains("io.modelcontextprotocol/protocolVersion");
  }

  @Test
  void programThatIsSilentAtNewsIsTakenForALegacyOne() {
    script(new Program(SILENCE), new Program(INITIALIZED, DONE));
    assertThat(call(() -> request("tools/list"))).isInstanceOf(McpResponse.Result.class);
    assertThat(started).hasSize(2).allMatch(program -> program.ended);
  }

  @Test
  void programThatEndsAtNewsIsStartedAgainForAHandshake() {
    script(new Program(), new Program(INITIALIZED, DONE));
    assertThat(call(() -> request("tools/list"))).isInstanceOf(McpResponse.Result.class);
  }

  @Test
  void eraOfAProgramIsRememberedForTheNextCall() {
    script(new Program(REFUSED, INITIALIZED, DONE), new Program(INITIALIZED, DONE));
    call(() -> request("tools/list"));
    call(() -> request("tools/list"));
    assertThat(started.getLast().methods()).doesNotContain("server/discover");
  }

  @Test
  void silenceInARequestIsCancelledAndLeavesTheOutcomeUnknown() {
    script(new Program(REFUSED, INITIALIZED, SILENCE));
    assertFails(ErrorCode.OUTCOME_UNKNOWN, "tools/call");
    assertThat(started.getFirst().methods()).endsWith("tools/call", "notifications/cancelled");
    assertThat(started.getFirst().ended).isTrue();
    assertThat(started).hasSize(1);
  }

  @Test
  void requestIsNotSentAgainWhenItsProgramEnds() {
    script(new Program(REFUSED, INITIALIZED));
    assertFails(ErrorCode.OUTCOME_UNKNOWN, "tools/call");
    assertThat(started).hasSize(1);
  }

  @Test
  void textThatIsNoMessageIsPassedOverWithinALimit() {
    script(new Program(Stream.concat(Stream.generate(() -> "hello").limit(StdioExchange.MAX_STRAY_LINES),
        Stream.of(REFUSED, INITIALIZED, DONE)).toArray(String[]::new)));
    assertThat(call(() -> request("tools/list"))).isInstanceOf(McpResponse.Result.class);
  }

  @Test
  void moreTextThatIsNoMessageEndsTheProgram() {
    var babble = Stream.generate(() -> "hello").limit(StdioExchange.MAX_STRAY_LINES + 1).toArray(String[]::new);
    script(new Program(babble), new Program(babble));
    assertFails(ErrorCode.INVALID_UPSTREAM_ANSWER, "tools/call");
    assertThat(started).allMatch(program -> program.ended);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{'id':7,'method':'ping'}", "{'id':'7','method':'sampling/createMessage'}"})
  void questionOfALegacyProgramIsAnswered(String question) {
    script(new Program(REFUSED, INITIALIZED, question, DONE));
    assertThat(call(() -> request("tools/call"))).isInstanceOf(McpResponse.Result.class);
    assertThat(started.getFirst().written.getLast()).contains("\"id\":" + (question.contains("'7'") ? "\"7\"" : "7"))
        .containsAnyOf("\"result\":{}", "Method not found");
  }

  @Test
  void questionOfAModernProgramIsNotAnswered() {
    script(new Program(DISCOVERED, "{'id':7,'method':'ping'}", DONE));
    call(() -> request("tools/call"));
    assertThat(started.getFirst().methods()).containsExactly("server/discover", "tools/call");
  }

  @Test
  void programWithTooManyQuestionsIsLeft() {
    var script = new ArrayList<>(List.of(REFUSED, INITIALIZED));
    for (int i = 0; i <= ServerQuestion.MAX_QUESTIONS; i++)
      script.add("{'id':" + i + ",'method':'ping'}");
    script(new Program(script.toArray(String[]::new)));
    assertFails(ErrorCode.OUTCOME_UNKNOWN, "tools/call");
  }

  @Test
  void programIsStartedInACallAlone() {
    script(new Program(REFUSED));
    assertThatThrownBy(() -> request("tools/list")).isInstanceOf(IllegalStateException.class);
    assertThat(started).isEmpty();
  }

  private void assertFails(ErrorCode code, String method) {
    assertThatThrownBy(() -> call(() -> request(method))).isInstanceOfSatisfying(Failure.class,
        failure -> assertThat(failure.code()).isEqualTo(code));
  }
}
