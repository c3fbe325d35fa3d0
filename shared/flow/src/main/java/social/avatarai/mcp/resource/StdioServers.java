package social.avatarai.mcp.resource;

import java.time.Duration;
import java.util.Set;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.StdioName;

/**
 * The MCP servers that the operator has defined as programs of this machine. Only the local runner has some: a function
 * on Lambda starts no process.
 */
public interface StdioServers {
  /** The names that are defined. */
  Set<StdioName> names();

  /**
   * Starts the program of a defined server.
   *
   * @param life the time after which the program is ended, whatever it does
   * @throws Failure.Unreachable when the program cannot be started
   * @throws Failure.Crowded when too many programs are running
   */
  StdioProgram start(StdioName name, Duration life);

  /** The failure of a program that cannot be started. The detail is for the log, and holds nothing of the definition. */
  static Failure notStarted(String detail) {
    return ProgramFailures.notStarted(detail);
  }

  /** No server is defined. */
  static StdioServers none() {
    return new StdioServers() {
      @Override
      public Set<StdioName> names() {
        return Set.of();
      }

      @Override
      public StdioProgram start(StdioName name, Duration life) {
        throw ProgramFailures.notDefined();
      }
    };
  }
}
