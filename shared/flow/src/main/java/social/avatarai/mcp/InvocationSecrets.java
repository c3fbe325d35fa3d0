package social.avatarai.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The secrets that the current invocation has touched. A server may write a secret that it got into anything it sends:
 * a tool result, a challenge, an error word. This class takes such a secret out again, before the text is logged, sent
 * to the caller or stored.
 *
 * <p>Every {@link Secret} notes itself here when it is made and when it is revealed. The notes end with the invocation.
 * A secret of less than {@value #MIN_LENGTH} characters is not noted, because common words would be taken out with it.
 * A thread outside of an invocation has no secrets.
 */
public final class InvocationSecrets {
  /** What stands in the place of a secret. */
  public static final String MARK = "[token]";
  static final int MIN_LENGTH = 8;
  private static final ScopedValue<InvocationSecrets> CURRENT = ScopedValue.newInstance();
  /** The longest first: a secret may be the beginning of another one. */
  private static final Comparator<String> LONGEST_FIRST = Comparator.comparingInt(String::length).reversed()
      .thenComparing(Comparator.naturalOrder());

  private final @Nullable InvocationSecrets outer;
  /** Also what the log must not hold, although a response may. */
  private final Map<String, SecretText> all = new ConcurrentSkipListMap<>(LONGEST_FIRST);
  /**
   * Without session ids, because some servers have tools that take the session's id, and without queries, because a
   * server may link to itself.
   */
  private final Map<String, SecretText> unanswered = new ConcurrentSkipListMap<>(LONGEST_FIRST);
  /** The parts that have ended in this scope, see {@link #apart}. */
  private final Queue<InvocationSecrets> ended = new ConcurrentLinkedQueue<>();

  private InvocationSecrets(@Nullable InvocationSecrets outer) {
    this.outer = outer;
  }

  /** Runs an invocation, or a part of one that handles another grant than the parts beside it. */
  public static <T> T during(Callable<T> invocation) throws Exception {
    return inner().call(invocation::call);
  }

  /** The same for a part that throws nothing checked. */
  public static void within(Runnable part) {
    inner().run(part);
  }

  /**
   * Runs a part of an invocation that handles another record, perhaps of another user, than the parts beside it. Its
   * secrets do not count in those parts: a text that is a secret of one user may be a word that another one needs.
   * After the part they count in what the invocation logs and answers.
   */
  public static <T> T apart(Supplier<T> part) {
    if (!CURRENT.isBound()) return part.get();
    var outer = CURRENT.get();
    var inner = new InvocationSecrets(outer);
    try {
      return ScopedValue.where(CURRENT, inner).call(part::get);
    } finally {
      outer.ended.add(inner);
      outer.ended.addAll(inner.ended);
    }
  }

  private static ScopedValue.Carrier inner() {
    return ScopedValue.where(CURRENT, new InvocationSecrets(CURRENT.isBound() ? CURRENT.get() : null));
  }

  /** The task for another thread, which works for the current invocation. */
  public static Runnable bound(Runnable task) {
    if (!CURRENT.isBound()) return task;
    var current = CURRENT.get();
    return () -> ScopedValue.where(CURRENT, current).run(task);
  }

  /** Notes a text that is sent as a credential and is no {@link Secret} itself, such as the value of a header. */
  public static void note(String credential) {
    note(credential, true);
  }

  /**
   * Notes the query of a URL to which a request is sent, without its question mark, and the values in it. The log does
   * not show them in any text.
   */
  public static void noteQuery(EndpointUrl url) {
    String query = url.uri().getRawQuery();
    if (query == null || !CURRENT.isBound()) return;
    note(query, false);
    valuesIn(query).forEach(value -> note(value, false));
  }

  /**
   * Notes the values in the query of a built-in server's URL. They belong to the operator, and may be a key, so no user
   * gets them in a response either.
   */
  public static void noteOperatorsQuery(EndpointUrl url) {
    String query = url.uri().getRawQuery();
    if (query != null && CURRENT.isBound()) valuesIn(query).forEach(value -> note(value, true));
  }

  private static Stream<String> valuesIn(String query) {
    return Arrays.stream(query.split("&", -1)).map(parameter -> parameter.substring(parameter.indexOf('=') + 1));
  }

  static void note(String value, boolean neverAnswered) {
    if (value.length() < MIN_LENGTH || !CURRENT.isBound()) return;
    var current = CURRENT.get();
    var text = current.all.computeIfAbsent(value, SecretText::new);
    if (neverAnswered) current.unanswered.put(value, text);
  }

  /** The text without secrets, for a caller. Session ids and queries of URLs stay. */
  public static String scrub(String text) {
    return without(scope -> scope.unanswered, text);
  }

  /** The text without secrets, of at most this many characters, for the log. */
  static String scrubForLog(String text, int length) {
    return cut(withoutAny(text), length);
  }

  /** The same for another party's text. Larger parts of secrets are taken out too. */
  static String scrubForeignForLog(String text, int length) {
    String clean = scrubForLog(text, length);
    if (!CURRENT.isBound()) return clean;
    for (var scope : known())
      for (var secret : scope.all.values())
        clean = secret.takePartsOutOf(clean);
    return clean;
  }

  /** The value without secrets, in texts and in member names, for a caller. The given value does not change. */
  public static JsonNode scrub(JsonNode value) {
    return mayBeIn(JsonText.of(value)) ? copyOf(value, InvocationSecrets::scrub) : value;
  }

  /** The value without any secret, for a store: without session ids and queries of URLs too. */
  public static JsonNode scrubForStore(JsonNode value) {
    return CURRENT.isBound() ? copyOf(value, InvocationSecrets::withoutAny) : value;
  }

  /** The JSON text of a value without secrets, for a caller. */
  public static String scrubbedJson(JsonNode value) {
    String text = JsonText.of(value);
    return mayBeIn(text) ? JsonText.of(copyOf(value, InvocationSecrets::scrub)) : text;
  }

  /** Whether no secret is in the text and none has been taken out of it. */
  static boolean isClean(String text) {
    return !text.contains(MARK) && !isIn(text);
  }

  /** Whether a secret is in the text, or in the value whose JSON text this is. */
  public static boolean isIn(String text) {
    return !scrub(text).equals(text);
  }

  /**
   * The value of a URL in another party's document. A URL is stored, shown and requested, so it must hold no secret. It
   * is refused and not changed, because it decides where requests go.
   */
  static String requireNoneIn(String url) {
    if (isIn(url)) throw new IllegalArgumentException("holds a secret that was sent to a server");
    return url;
  }

  private static boolean mayBeIn(String json) {
    if (!CURRENT.isBound()) return false;
    for (var scope : known())
      for (var secret : scope.unanswered.values())
        if (secret.mayBeIn(json)) return true;
    return false;
  }

  private static JsonNode copyOf(JsonNode value, UnaryOperator<String> scrubbing) {
    return switch (value) {
      case TextNode text -> TextNode.valueOf(scrubbing.apply(text.textValue()));
      case ArrayNode array -> {
        var copy = JsonNodeFactory.instance.arrayNode(array.size());
        array.forEach(element -> copy.add(copyOf(element, scrubbing)));
        yield copy;
      }
      case ObjectNode object -> {
        var copy = JsonNodeFactory.instance.objectNode();
        object.properties()
            .forEach(member -> copy.set(scrubbing.apply(member.getKey()), copyOf(member.getValue(), scrubbing)));
        yield copy;
      }
      default -> value;
    };
  }

  private static String withoutAny(String text) {
    return without(scope -> scope.all, text);
  }

  private static String without(Function<InvocationSecrets, Map<String, SecretText>> secrets, String text) {
    if (!CURRENT.isBound() || text.length() < MIN_LENGTH) return text;
    String clean = text;
    for (var scope : known())
      for (var secret : secrets.apply(scope).values())
        clean = secret.takeOutOf(clean);
    return clean;
  }

  /** The scopes whose secrets count in this one: itself, the parts that have ended in it, and those around it. */
  private static List<InvocationSecrets> known() {
    var known = new ArrayList<InvocationSecrets>();
    for (var scope = CURRENT.get(); scope != null; scope = scope.outer)
      known.add(scope);
    known.addAll(CURRENT.get().ended);
    return known;
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length) + "…";
  }
}
