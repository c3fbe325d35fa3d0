package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.aws.AwsClients;
import social.avatarai.mcp.aws.secretsmanager.SecretsManagerVault;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.local.RingRotation.Step;
import social.avatarai.mcp.vault.SecretVault;

/**
 * The commands of {@code ops/keys}: they rotate the key ring and the signing keys of a running stack. They print key
 * ids and moments, never a key.
 */
public final class KeyCommands {
  private static final String USAGE = "add | use ID | retire ID | reencrypt | status"
      + " | add-signing | use-signing KID | retire-signing KID";
  private static final String REENCRYPT = "social.avatarai.mcp.functions.reencrypt.ReencryptHandler";

  private final SecretVault vault;
  private final String stack;
  private final Invoker reencrypt;
  private final PrintStream out;
  private final RingRotation ring;
  private final SigningRotation signing;

  /** Invokes the function reencrypt. */
  interface Invoker {
    String invoke(String event) throws IOException, InterruptedException;
  }

  KeyCommands(SecretVault vault, String stack, Invoker reencrypt, Clock clock, PrintStream out) {
    this.vault = vault;
    this.stack = stack;
    this.reencrypt = reencrypt;
    this.out = out;
    this.ring = new RingRotation(clock);
    this.signing = new SigningRotation(clock);
  }

  /**
   * The arguments are the path of {@code template.yaml}, the stack's name, the function's name (empty: run it in this
   * process), and the command.
   */
  public static void main(String[] arguments) throws Exception {
    String stack = arguments[1];
    String function = arguments[2];
    try {
      Invoker reencrypt = function.isEmpty() ? here(Path.of(arguments[0])) : event -> lambda(function, event);
      var commands = new KeyCommands(new SecretsManagerVault(AwsClients.secretsManager(), Pause.real()), stack,
          reencrypt, Clock.systemUTC(), System.out);
      System.exit(commands.run(List.of(arguments).subList(3, arguments.length)) ? 0 : 1);
    } catch (StartFault e) {
      System.err.println("ops/keys: " + e.sentence());
      System.exit(1);
    } catch (IllegalArgumentException e) {
      System.err.println("ops/keys: " + e.getMessage());
      System.exit(1);
    } catch (Failure e) {
      System.err.println("ops/keys: " + e.safeMessage() + " (" + e.detail() + ")");
      System.exit(1);
    }
  }

  /** Runs a command. The result is false if something is left to do. */
  boolean run(List<String> command) throws IOException, InterruptedException {
    String name = command.isEmpty() ? "" : command.getFirst();
    return switch (name) {
      case "add" -> change(ringName(), ring::add);
      case "use" -> change(ringName(), text -> ring.use(text, operand(command)));
      case "retire" -> change(ringName(), text -> ring.retire(text, operand(command)));
      case "reencrypt" -> reencryptAll();
      case "status" -> status();
      case "add-signing" -> change(signingName(), signing::add);
      case "use-signing" -> change(signingName(), text -> signing.use(text, operand(command)));
      case "retire-signing" -> change(signingName(), text -> signing.retire(text, operand(command)));
      default -> throw new IllegalArgumentException("usage: ops/keys [--stack NAME] " + USAGE);
    };
  }

  /** A change of a secret's text. */
  private interface Change {
    Step apply(String text);
  }

  private boolean change(String name, Change change) {
    var step = change.apply(read(name));
    vault.replace(name, step.ring());
    // Another operator may have made the same change at the same moment and overwritten ours.
    if (!read(name).equals(step.ring())) throw new IllegalArgumentException("the change does not show; look at status");
    out.println(step.said().replace("ops/keys ", "ops/keys --stack " + stack + " "));
    return true;
  }

  private boolean status() {
    ring.status(read(ringName())).forEach(line -> out.println("key ring  " + line));
    vault.read(signingName()).map(signing::status).orElse(List.of())
        .forEach(line -> out.println("signing   " + line));
    return true;
  }

  private boolean reencryptAll() throws IOException, InterruptedException {
    ring.requireSettled(read(ringName()));
    int skipped = 0;
    for (String table : List.of("tokens", "servers", "registrations"))
      skipped += reencrypt(table);
    if (skipped > 0) out.println("some rows could not be re-encrypted (reencryption_skipped in the log): run it again");
    return skipped == 0;
  }

  private int reencrypt(String table) throws IOException, InterruptedException {
    int examined = 0;
    int reencrypted = 0;
    int skipped = 0;
    var event = Json.newObject().put("table", table).putNull("cursor");
    while (true) {
      var run = result(reencrypt.invoke(event.toString()));
      examined += run.path("examined").asInt();
      reencrypted += run.path("reencrypted").asInt();
      skipped += run.path("skipped").asInt();
      out.println(table + ": " + examined + " examined, " + reencrypted + " re-encrypted, " + skipped + " skipped");
      if (run.path("cursor").isNull()) return skipped;
      event.set("cursor", run.path("cursor"));
    }
  }

  /** The result of a run. Any other text ends the command, because the command would otherwise loop forever. */
  private static ObjectNode result(String text) {
    return Json.object(text.getBytes(UTF_8)).filter(run -> run.has("cursor") && run.has("examined"))
        .orElseThrow(() -> new IllegalArgumentException("the function failed: " + text));
  }

  private String read(String name) {
    return vault.read(name).orElseThrow(() -> new IllegalArgumentException("there is no secret " + name));
  }

  private String ringName() {
    return stack + "/key-ring";
  }

  private String signingName() {
    return stack + "/signing-key";
  }

  private static String operand(List<String> command) {
    if (command.size() != 2) throw new IllegalArgumentException("usage: ops/keys [--stack NAME] " + USAGE);
    return command.get(1);
  }

  /** Runs the function in this process, on the stores of {@code AWS_ENDPOINT_URL}, where no function is deployed. */
  private static Invoker here(Path template) throws IOException, ReflectiveOperationException {
    var settings = new LocalSettings(System.getenv());
    var environment = settings.forHandlers(Template.read(template));
    LocalPlatform.use(LocalStores.open(settings, environment));
    return invoking(Routes.make(REENCRYPT));
  }

  static Invoker invoking(RequestStreamHandler handler) {
    return event -> LocalInvocation.of(handler, event);
  }

  private static String lambda(String function, String event) throws IOException, InterruptedException {
    var result = Files.createTempFile("reencrypt", ".json");
    try {
      var command = List.of("aws", "lambda", "invoke", "--function-name", function, "--cli-binary-format",
          "raw-in-base64-out", "--payload", event, result.toString());
      var process = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.INHERIT).start();
      if (process.waitFor() != 0) throw new IllegalArgumentException("the function could not be invoked");
      return Files.readString(result);
    } finally {
      Files.delete(result);
    }
  }
}
