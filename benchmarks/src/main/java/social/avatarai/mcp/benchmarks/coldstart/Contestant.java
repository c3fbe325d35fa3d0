package social.avatarai.mcp.benchmarks.coldstart;

import java.util.List;
import java.util.Map;

/**
 * A function that is started again and again.
 *
 * @param environment its settings, besides those that Lambda sets
 * @param event the event of each of its calls
 * @param prepare puts the stores into the state that a start expects
 * @param isRepeatable whether a started process may be called more than once
 */
record Contestant(String name, Program program, Map<String, String> environment, String event, Runnable prepare,
    boolean isRepeatable) {

  /** How the process of a function is started. */
  sealed interface Program permits JavaProgram, NodeProgram {}

  /**
   * A Java function on Lambda's runtime interface client.
   *
   * @param classPath jars only: no cache of the JVM takes folders
   */
  record JavaProgram(List<String> classPath, String handler) implements Program {

    /** The command without the options of the JVM. */
    List<String> arguments() {
      return List.of("-cp", String.join(":", classPath), "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
          handler);
    }
  }

  /** A Node function, with a loop on the Runtime API. */
  record NodeProgram(List<String> command) implements Program {}
}
