package social.avatarai.mcp.local;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.StdioName;
import social.avatarai.mcp.resource.StdioProgram;
import social.avatarai.mcp.resource.StdioServers;

/**
 * Starts the programs that the operator has defined, and ends all of them with the runner. No other code of the service
 * starts a process.
 */
final class LocalStdio implements StdioServers, AutoCloseable {
  /** Programs that run at a time. Each may take the memory of its definition. */
  static final int MAX_RUNNING = 8;
  /** Variables whose values are no secrets, and are words of common texts. */
  private static final Set<String> COMMON = Set.of("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER");

  private final Map<StdioName, StdioDefinition> definitions;
  private final Set<String> secrets;
  private final Journal journal;
  private final Semaphore free = new Semaphore(MAX_RUNNING);
  private final Set<ChildProgram> running = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService timer = Executors
      .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("stdio-timer").factory());
  private volatile boolean stopped;

  /**
   * Offers these programs.
   *
   * @param secrets what a program may read in the environment of this process; it is taken out of every response
   */
  LocalStdio(List<StdioDefinition> definitions, Set<String> secrets, Journal journal) {
    this.secrets = Set.copyOf(secrets);
    this.definitions = definitions.stream().collect(Collectors.toMap(StdioDefinition::name, Function.identity()));
    this.journal = journal;
  }

  @Override
  public Set<StdioName> names() {
    return definitions.keySet();
  }

  @Override
  public StdioProgram start(StdioName name, Duration life) {
    var definition = definitions.get(name);
    if (definition == null) return StdioServers.none().start(name, life);
    if (stopped) throw StdioServers.notStarted("the runner stops");
    if (!free.tryAcquire()) {
      throw new Failure.Crowded("Too many programs are running for other calls. Try again in some seconds.", false);
    }
    // A program may write what it has read into anything: its responses and its log line.
    secrets.forEach(InvocationSecrets::note);
    definition.environment().forEach((variable, value) -> {
      if (!COMMON.contains(variable)) InvocationSecrets.note(value);
    });
    try {
      var program = new ChildProgram(definition, ChildProcess.start(definition), this::ended);
      running.add(program);
      // The runner may have stopped meanwhile.
      if (stopped) program.kill();
      program.endAfter(timer.schedule(program::kill, life.toMillis(), TimeUnit.MILLISECONDS));
      return program;
    } catch (IOException e) {
      free.release();
      throw StdioServers.notStarted("the program, its folder or the shell is missing");
    }
  }

  private void ended(ChildProgram program, Map<String, Object> report) {
    running.remove(program);
    free.release();
    journal.write("stdio_ended", report);
  }

  /** The programs that are running now. */
  int running() {
    return running.size();
  }

  @Override
  public void close() {
    stopped = true;
    timer.shutdownNow();
    running.forEach(ChildProgram::kill);
  }
}
