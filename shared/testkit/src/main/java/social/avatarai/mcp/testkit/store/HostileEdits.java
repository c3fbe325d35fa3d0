package social.avatarai.mcp.testkit.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The edits of an attacker who can write to the table but has no key. For every attribute of a row, they try the values
 * that would send a secret to another destination.
 */
public final class HostileEdits {
  private static final Set<String> KEYS = Set.of("pk", "sk");
  private static final Pattern ORIGIN = Pattern.compile("http://localhost:\\d+|https://[a-z.]+\\.example(\\.com)?\\b");
  /** Attributes with a fixed set of values. Each value in the list is tried. */
  private static final Map<String, List<String>> WORDS = Map.of(
      "clientMethod", List.of("none", "client_secret_basic", "client_secret_post"),
      "clientOrigin", List.of("OPERATOR", "CALLER", "PREREGISTERED", "DYNAMIC", "METADATA_DOCUMENT", "PUBLIC"),
      "status", List.of("PENDING", "PARKED", "REDEEMING", "DONE", "FAILED", "ACTIVE", "REAUTHORIZATION_REQUIRED",
          "CONNECTED", "DISCONNECTED", "AUTHORIZATION_REQUIRED"),
      "clientOwner", List.of("d#", "u#user-one", "u#user-two"),
      "wireVersion", List.of("2026-07-28", "2025-11-25"));

  private final String collector;
  private final List<Map<String, AttributeValue>> donors;

  /**
   * @param collector the attacker's origin, to which all secrets would be sent
   * @param donors other rows of the same table, whose values are copied into the edited row
   */
  public HostileEdits(String collector, List<Map<String, AttributeValue>> donors) {
    this.collector = collector;
    this.donors = donors;
  }

  /**
   * One edit.
   *
   * @param attribute the edited attribute
   * @param value the new value; null removes the attribute
   */
  public record Edit(String attribute, @Nullable AttributeValue value) {
    private Map<String, AttributeValue> applyTo(Map<String, AttributeValue> item) {
      var edited = new HashMap<>(item);
      if (value == null) edited.remove(attribute);
      else
        edited.put(attribute, value);
      return edited;
    }
  }

  /** The item after these edits. */
  public static Map<String, AttributeValue> edited(Map<String, AttributeValue> item, List<Edit> edits) {
    var edited = item;
    for (var edit : edits)
      edited = edit.applyTo(edited);
    return edited;
  }

  /** All edits of one attribute. */
  public List<List<Edit>> singles(Map<String, AttributeValue> item) {
    return attributes(item).flatMap(attribute -> of(attribute, item).stream()).map(List::of).toList();
  }

  /** All edits of two attributes. */
  public List<List<Edit>> pairs(Map<String, AttributeValue> item) {
    var names = attributes(item).toList();
    var pairs = new ArrayList<List<Edit>>();
    for (int i = 0; i < names.size(); i++) {
      for (String other : names.subList(i + 1, names.size()))
        pairs.addAll(pairs(names.get(i), other, item));
    }
    return pairs;
  }

  private List<List<Edit>> pairs(String one, String other, Map<String, AttributeValue> item) {
    return of(one, item).stream().flatMap(first -> of(other, item).stream().map(second -> List.of(first, second)))
        .toList();
  }

  /** Edits that remove all sealed values and give one other attribute its most hostile value. */
  public List<List<Edit>> stripped(Map<String, AttributeValue> item) {
    return attributes(item).filter(sealed -> value(item, sealed).b() != null)
        .flatMap(sealed -> attributes(item).filter(other -> !other.equals(sealed))
            .map(other -> List.of(new Edit(sealed, null), of(other, item).getFirst())))
        .toList();
  }

  private static Stream<String> attributes(Map<String, AttributeValue> item) {
    return item.keySet().stream().filter(name -> !KEYS.contains(name)).sorted();
  }

  /** The edits of one attribute, the most hostile one first. */
  private List<Edit> of(String attribute, Map<String, AttributeValue> item) {
    var own = value(item, attribute);
    var values = new LinkedHashSet<AttributeValue>();
    values.addAll(redirected(own));
    WORDS.getOrDefault(attribute, List.of()).forEach(word -> values.add(AttributeValue.fromS(word)));
    donors.stream().map(donor -> donor.get(attribute)).filter(value -> value != null && value.type() == own.type())
        .distinct().limit(3).forEach(values::add);
    values.addAll(other(own));
    values.remove(own);
    var edits = new ArrayList<>(values.stream().map(value -> new Edit(attribute, value)).toList());
    edits.add(new Edit(attribute, null));
    return edits;
  }

  /** This value with every origin replaced by that of the attacker's server. */
  private List<AttributeValue> redirected(AttributeValue own) {
    if (own.hasL()) {
      var hostile = own.l().stream().flatMap(entry -> redirected(entry).stream()).toList();
      return List.of(AttributeValue.fromL(hostile), AttributeValue.fromL(List.of(AttributeValue.fromS(collector))));
    }
    if (own.s() == null) return List.of();
    String replaced = ORIGIN.matcher(own.s()).replaceAll(collector);
    return replaced.equals(own.s()) ? List.of() : List.of(AttributeValue.fromS(replaced));
  }

  private static List<AttributeValue> other(AttributeValue own) {
    return switch (own.type()) {
      case S -> List.of(AttributeValue.fromS("other"));
      case N -> List.of(AttributeValue.fromN("4102444800000"), AttributeValue.fromN("0"));
      case BOOL -> List.of(AttributeValue.fromBool(!own.bool()));
      case L -> List.of(AttributeValue.fromL(List.of()));
      case M -> List.of(AttributeValue.fromM(Map.of()));
      default -> List.of();
    };
  }

  private static AttributeValue value(Map<String, AttributeValue> item, String attribute) {
    var value = item.get(attribute);
    if (value == null) throw new AssertionError("no attribute " + attribute);
    return value;
  }
}
