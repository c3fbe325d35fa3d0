package social.avatarai.mcp.resource;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.StdioName;
import social.avatarai.mcp.http.UserCall;

/**
 * The program of one server in one API call: the requests of the call share it, and it ends with the call. What was
 * agreed on with the program ends with the program.
 */
final class ProgramOfCall implements Agreements, UserCall.Held {
  private final StdioServers servers;
  private final StdioName name;
  private @Nullable StdioProgram program;
  private @Nullable NegotiatedProtocol agreed;
  private boolean hasHandshake;

  private ProgramOfCall(StdioServers servers, StdioName name) {
    this.servers = servers;
    this.name = name;
  }

  static ProgramOfCall of(StdioServers servers, StdioName name) {
    return UserCall.held(name, () -> new ProgramOfCall(servers, name));
  }

  /** The program, which is started at its first use. */
  StdioProgram running(Deadline deadline) {
    var running = program;
    if (running == null) {
      running = servers.start(name, life(deadline));
      program = running;
    }
    return running;
  }

  /** A request may have a share of the call's time. The program stays for the requests after it. */
  private static Duration life(Deadline deadline) {
    return Deadline.leftOfInvocation().filter(left -> left.compareTo(deadline.remaining()) > 0)
        .orElseGet(deadline::remaining);
  }

  /** A program reads one handshake, so another one needs another program. */
  void beginHandshake() {
    if (hasHandshake) end();
  }

  void noteHandshake() {
    hasHandshake = true;
  }

  /** Ends the program. The next request starts another one. */
  void end() {
    var running = program;
    program = null;
    agreed = null;
    hasHandshake = false;
    if (running != null) running.close();
  }

  @Override
  public void close() {
    end();
  }

  @Override
  public @Nullable NegotiatedProtocol kept() {
    return agreed;
  }

  @Override
  public boolean keep(NegotiatedProtocol now) {
    agreed = now;
    return true;
  }

  @Override
  public void forget() {
    end();
  }
}
