package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.StdioName;
import social.avatarai.mcp.resource.StdioProgram;
import social.avatarai.mcp.resource.StdioProgram.Output;
import social.avatarai.mcp.resource.StdioProgram.Why;

@EnabledOnOs({OS.LINUX, OS.MAC})
class LocalStdioTest {
  private static final StdioName NAME = new StdioName("shell");
  private static final Duration LONG = Duration.ofMinutes(2);

  @TempDir
  private Path folder;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final List<StdioProgram> started = new ArrayList<>();

  /** Programs that run this script of a shell. */
  private LocalStdio programs(String script) {
    var definition = new StdioDefinition(NAME, List.of("/bin/sh", "-c", script), Map.of("INVENTED", "invented-value"),
        folder, StdioDefinitions.DEFAULT_MEGABYTES, true);
    return new LocalStdio(List.of(definition), Set.of(), new Journal(new PrintStream(log, true, StandardCharsets.UTF_8),
        Clock.systemUTC()));
  }

  private StdioProgram start(LocalStdio programs, Duration life) {
    var program = programs.start(NAME, life);
    started.add(program);
    return program;
  }

  @AfterEach
  void endAll() {
    started.forEach(StdioProgram::close);
  }

  @Test
  void programIsEndedWhenItsLifeIsOver() {
    try (var programs = programs("sleep 600")) {
      assertThat(start(programs, Duration.ofMillis(1)).read(LONG)).isEqualTo(new Output.Ended(Why.EXITED));
    }
  }

  @Test
  void programIsEndedWhenTheRunnerStops() {
    var programs = programs("echo ready; trap '' TERM; sleep 600");
    var program = start(programs, LONG);
    assertThat(program.read(LONG)).isEqualTo(new Output.Line("ready"));
    programs.close();
    assertThat(program.read(LONG)).isEqualTo(new Output.Ended(Why.EXITED));
    assertThatThrownBy(() -> programs.start(NAME, LONG)).isInstanceOf(Failure.Unreachable.class);
  }

  @Test
  void programThatReadsNothingIsEndedToo() {
    try (var programs = programs("sleep 600")) {
      var program = start(programs, Duration.ofMillis(200));
      program.write("x".repeat(1024 * 1024)); // more than the pipe to the program holds
      assertThat(program.read(LONG)).isEqualTo(new Output.Ended(Why.EXITED));
    }
  }

  @Test
  void blankLinesOfAProgramAreNotKept() {
    try (var programs = programs("yes '' | head -n 100000; echo ' '; echo word; cat")) {
      assertThat(start(programs, LONG).read(LONG)).isEqualTo(new Output.Line("word"));
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void programThatWritesMoreLinesThanAreReadIsKilled() {
    try (var programs = programs("echo $$; yes x | head -n 100000; exec sleep 600")) {
      var program = start(programs, LONG);
      var line = (Output.Line) program.read(LONG);
      EndOfProcess.await(line.text());
      int lines = 0;
      var output = program.read(LONG);
      for (; output instanceof Output.Line; output = program.read(LONG))
        lines++;
      assertThat(output).isEqualTo(new Output.Ended(Why.TOO_MUCH));
      assertThat(lines).isBetween(ChildProgram.MAX_WAITING - 1, ChildProgram.MAX_WAITING);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void childOfAChildThatHasEndedIsEnded() {
    try (var programs = programs("/bin/sh -c 'sleep 600 >/dev/null 2>&1 & echo $!'; cat >/dev/null")) {
      var program = start(programs, LONG);
      var line = (Output.Line) program.read(LONG);
      program.close();
      EndOfProcess.await(line.text());
    }
  }

  @Test
  void onlySoManyProgramsRunAtATime() {
    try (var programs = programs("cat")) {
      for (int i = 0; i < LocalStdio.MAX_RUNNING; i++)
        start(programs, LONG);
      assertThatThrownBy(() -> programs.start(NAME, LONG)).isInstanceOf(Failure.Crowded.class);
      started.removeLast().close();
      start(programs, LONG).write("there is room again");
    }
  }

  @Test
  void programThatIsNotDefinedIsNotStarted() {
    try (var programs = programs("cat")) {
      assertThatThrownBy(() -> programs.start(new StdioName("sh"), LONG))
          .isInstanceOfSatisfying(Failure.class,
              failure -> assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED_TRANSPORT));
    }
  }

  @Test
  void folderThatIsGoneKeepsAProgramFromBeingStarted() throws Exception {
    var there = Files.createDirectory(folder.resolve("gone"));
    var definition = new StdioDefinition(NAME, List.of("/bin/cat"), Map.of(), there, 64, false);
    try (var programs = new LocalStdio(List.of(definition), Set.of(), Journal.standard(Clock.systemUTC()))) {
      Files.delete(there);
      assertThatThrownBy(() -> programs.start(NAME, LONG)).isInstanceOf(Failure.Unreachable.class)
          .hasMessageContaining("could not be started");
      assertThat(programs.running()).isZero();
    }
  }

  @Test
  void lineOfAnErrorWithAVariableIsNotLogged() {
    try (var programs = programs("echo \"key $INVENTED\" >&2; exit 9")) {
      var program = start(programs, LONG);
      assertThat(program.read(LONG)).isEqualTo(new Output.Ended(Why.EXITED));
      program.close();
      assertThat(log.toString(StandardCharsets.UTF_8)).contains("\"event\":\"stdio_ended\"", "\"exit\":9",
          "\"server\":\"shell\"").doesNotContain("invented-value", "detail");
    }
  }

  @Test
  void definitionShowsItsNameAlone() {
    var definition = new StdioDefinition(NAME, List.of("/bin/cat", "--key=invented"), Map.of("KEY", "invented"), folder,
        64, false);
    assertThat(definition.toString()).isEqualTo("StdioDefinition[shell]");
  }
}
