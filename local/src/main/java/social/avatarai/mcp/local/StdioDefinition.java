package social.avatarai.mcp.local;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import social.avatarai.mcp.StdioName;

/**
 * An MCP server that is a program of this machine, as the operator has defined it. Nothing in it comes from a user.
 *
 * @param name the name by which records refer to it
 * @param command the program, by its absolute path, and its arguments
 * @param environment all variables that the program gets. Their values may be secrets
 * @param folder the working folder
 * @param memoryMegabytes how much memory each process of the program may take
 * @param logsErrors whether the log has the last line of the program's standard error
 */
record StdioDefinition(StdioName name, List<String> command, Map<String, String> environment, Path folder,
    int memoryMegabytes, boolean logsErrors) {

  StdioDefinition {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /** The name alone: arguments and values of variables may be secrets. */
  @Override
  public String toString() {
    return "StdioDefinition[" + name + "]";
  }
}
