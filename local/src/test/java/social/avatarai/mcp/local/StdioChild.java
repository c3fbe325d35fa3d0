package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An MCP server on its standard streams, for tests: a program of its own, without libraries. Its first argument says
 * which era it speaks, or how it misbehaves.
 */
public final class StdioChild {
  private static final Pattern ID = Pattern.compile("\"id\":(-?\\d+)");
  private static final Pattern METHOD = Pattern.compile("\"method\":\"([^\"]+)\"");
  private static final Pattern NAME = Pattern.compile("\"name\":\"([^\"]+)\"");
  private static final Pattern SAID = Pattern.compile("\"say\":\"([^\"]+)\"");
  private static final String TOOLS = "{\"tools\":[{\"name\":\"pid\",\"inputSchema\":{\"type\":\"object\"}}]}";
  private static final PrintStream OUT = new PrintStream(System.out, true, UTF_8);

  private final String mode;
  private final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
  private boolean initialized;

  private StdioChild(String mode) {
    this.mode = mode;
  }

  public static void main(String[] arguments) throws IOException {
    var child = new StdioChild(arguments[0]);
    child.begin();
    for (String line = child.in.readLine(); line != null; line = child.in.readLine())
      child.read(line);
    if (child.mode.equals("stubborn")) sleep();
  }

  private void begin() {
    switch (mode) {
      case "exits" -> System.exit(3);
      case "greets" -> OUT.println("Welcome to a server that talks too much.");
      case "babbles" -> {
        for (int i = 0; i < 100; i++)
          OUT.println("This is no message.");
      }
      case "complains" -> System.err.println("cannot open invented-file with " + System.getenv("EXAMPLE_API_KEY")
          + "\nthe last words of the program");
      default -> {}
    }
  }

  private void read(String line) throws IOException {
    String method = find(METHOD, line);
    String id = find(ID, line);
    if (method.equals("notifications/initialized")) initialized = true;
    if (id.isEmpty() || method.isEmpty()) return;
    switch (method) {
      case "server/discover" -> discover(id);
      case "initialize" -> initialize(id);
      case "tools/list" -> answer(id, TOOLS);
      case "tools/call" -> call(id, find(NAME, line.substring(line.indexOf("\"params\""))), line);
      default -> refuse(id, -32601);
    }
  }

  private void discover(String id) {
    if (mode.equals("dies-of-news")) System.exit(4);
    if (mode.equals("modern")) {
      answer(id,
          "{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}},\"resultType\":\"complete\"}");
    } else {
      refuse(id, -32601);
    }
  }

  private void initialize(String id) {
    if (mode.equals("modern")) refuse(id, -32601);
    else {
      answer(id, "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
          + "\"serverInfo\":{\"name\":\"child\",\"version\":\"1\"}}");
    }
  }

  private void call(String id, String tool, String line) throws IOException {
    if (!initialized && !mode.equals("modern")) {
      refuse(id, -32600);
      return;
    }
    switch (tool) {
      case "pid" -> text(id, Long.toString(ProcessHandle.current().pid()));
      case "era" -> text(id, line.contains("io.modelcontextprotocol/protocolVersion") ? "modern" : "legacy");
      case "environment" -> text(id, environment());
      case "say" -> text(id, find(SAID, line));
      case "folder" -> text(id, System.getProperty("user.dir"));
      case "child" -> text(id, startChild());
      case "sleep" -> sleep();
      case "exit" -> System.exit(5);
      case "ask" -> ask(id);
      case "long" -> OUT.println("x".repeat(6 * 1024 * 1024));
      case "much" -> write(OUT);
      case "errors" -> write(System.err);
      case "memory" -> takeMemory(id);
      default -> refuse(id, -32602);
    }
  }

  private static String environment() {
    return new TreeMap<>(System.getenv()).entrySet().stream().map(Map.Entry::toString)
        .collect(Collectors.joining(" "));
  }

  private static String startChild() throws IOException {
    var child = new ProcessBuilder("/bin/sh", "-c", "sleep 600 & echo $!; wait").start();
    return child.pid() + " " + child.inputReader().readLine();
  }

  /** Asks, and answers with the reply. */
  private void ask(String id) throws IOException {
    OUT.println("{\"jsonrpc\":\"2.0\",\"id\":\"q1\",\"method\":\"elicitation/create\",\"params\":{\"message\":\"?\","
        + "\"requestedSchema\":{\"type\":\"object\",\"properties\":{\"colour\":{\"type\":\"string\",\"default\":\"red\"}}}}}");
    text(id, in.readLine().replace("\"", "'"));
  }

  private static void write(PrintStream to) {
    for (int i = 0; i < 40; i++)
      to.println("{\"filler\":\"" + "x".repeat(1024 * 1024) + "\"}");
    sleep();
  }

  private static void takeMemory(String id) {
    byte[][] all = new byte[512][];
    for (int i = 0; i < all.length; i++)
      all[i] = new byte[1024 * 1024];
    text(id, "took " + all.length);
  }

  private static void sleep() {
    try {
      // Longer than any bound: the runner must end this program.
      Thread.sleep(Duration.ofMinutes(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void text(String id, String text) {
    answer(id, "{\"content\":[{\"type\":\"text\",\"text\":\"" + text + "\"}],\"resultType\":\"complete\"}");
  }

  private static void answer(String id, String result) {
    OUT.println("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + result + "}");
  }

  private static void refuse(String id, int code) {
    OUT.println("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + code + ",\"message\":\"refused\"}}");
  }

  private static String find(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1) : "";
  }
}
