package social.avatarai.mcp;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Our log: one JSON line per event on standard output, with the id of the request to which the event belongs.
 *
 * <p>Foreign text is written as a JSON string and cut to {@value #MAX_TEXT} characters, so that it cannot forge a line
 * or fill the log. The log shows no secrets: they do not print, and {@link InvocationSecrets} takes them out of foreign
 * text, before the text is cut. The query of a URL may hold a key, so it is left out of every text: a server may repeat
 * its URL in a document that we log. The queries of our own requests are also found without their URL.
 */
public final class Journal {
  private static final int MAX_TEXT = 300;
  /** After a path, with or without a scheme and a host. Else only where a name and an equals sign follow. */
  private static final Pattern QUERY = Pattern.compile("(?i)(/[^\\s?\"]*?)(?:\\?|%3f)[^\\s\"]*"
      + "|(?:\\?|%3f)[^\\s\"?=]*?(?:=|%3d)[^\\s\"]*");
  /**
   * The fields that may hold foreign text. All other fields hold values of our own types: a server that chooses a secret
   * which contains such a value must not blank it.
   */
  private static final Set<String> FOREIGN = Set.of("detail", "error");
  private static final ScopedValue<String> REQUEST_ID = ScopedValue.newInstance();

  private final PrintStream out;
  private final Clock clock;

  public Journal(PrintStream out, Clock clock) {
    this.out = out;
    this.clock = clock;
  }

  /** The log of a function: standard output, UTF-8. */
  public static Journal standard(Clock clock) {
    return new Journal(new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true,
        StandardCharsets.UTF_8), clock);
  }

  /**
   * Runs a request under its id. Every line written during the run has this id, and none has a secret of the request.
   */
  public static <T> T withRequestId(String requestId, Callable<T> request) throws Exception {
    return ScopedValue.where(REQUEST_ID, requestId).call(() -> InvocationSecrets.during(request));
  }

  /** The task for another thread: its lines have the id of the current request, and no secret of it. */
  public static Runnable bound(Runnable task) {
    var bound = InvocationSecrets.bound(task);
    if (!REQUEST_ID.isBound()) return bound;
    String id = REQUEST_ID.get();
    return () -> ScopedValue.where(REQUEST_ID, id).run(bound);
  }

  public static String requestId() {
    return REQUEST_ID.orElse("none");
  }

  /**
   * Writes one event. The field names are ours; the values are numbers, booleans or texts. The fields are sorted by
   * name.
   */
  public void write(String event, Map<String, ?> fields) {
    var line = JsonNodeFactory.instance.objectNode().put("time", clock.instant().toString()).put("event", event)
        .put("request_id", requestId());
    new TreeMap<>(fields).forEach((name, value) -> {
      if (value instanceof Number || value instanceof Boolean) line.putPOJO(name, value);
      else
        line.put(name, withoutQueries(withoutSecrets(name, String.valueOf(value))));
    });
    out.println(JsonText.of(line));
  }

  private static String withoutSecrets(String name, String text) {
    return FOREIGN.contains(name) && !ErrorCode.isWireName(text)
        ? InvocationSecrets.scrubForeignForLog(text, MAX_TEXT)
        : InvocationSecrets.scrubForLog(text, MAX_TEXT);
  }

  private static String withoutQueries(String text) {
    // Most texts hold neither. The pattern looks at each place of the text many times.
    if (text.indexOf('?') < 0 && text.indexOf('%') < 0) return text;
    return QUERY.matcher(text).replaceAll(query -> Matcher.quoteReplacement(
        (query.group(1) == null ? "" : query.group(1)) + EndpointUrl.HIDDEN_QUERY));
  }
}
