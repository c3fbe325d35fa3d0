package social.avatarai.mcp.resource;

import java.time.Duration;

/**
 * A running program that speaks MCP on its standard streams: one message a line (MCP 2026-07-28, basic/transports,
 * stdio). The adapter bounds what the program writes.
 */
public interface StdioProgram extends AutoCloseable {
  /** In bytes: a message of a program may be as long as a response over HTTP. */
  int LONGEST_LINE = McpTransport.MAX_BYTES;

  /** Writes a line. Where the program no longer reads, {@link #read} says why. */
  void write(String line);

  /** Waits for the next line of the program's standard output, at most this long. */
  Output read(Duration most);

  /** Ends the program and all that it has started. Never fails. */
  @Override
  void close();

  /** What came from the program. */
  sealed interface Output {

    /** A line, attacker-controlled. */
    record Line(String text) implements Output {}

    /** Nothing in the given time. */
    record Silence() implements Output {}

    /** Nothing more will come. */
    record Ended(Why why) implements Output {}
  }

  /** Why nothing more comes from a program. */
  enum Why {
    /** The program could not be started. It has read nothing. */
    NOT_STARTED,
    /** The program has ended, or has closed its standard output. */
    EXITED,
    /** The program has written a line that is too long. */
    LINE_TOO_LONG,
    /** The program has written too much. */
    TOO_MUCH
  }
}
