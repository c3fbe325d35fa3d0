package social.avatarai.mcp.lambda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Cidr;

/** Reads settings from the environment and collects their faults, so that all of them are reported together. */
public class SettingsReader {
  private final Map<String, String> environment;
  private final List<String> faults = new ArrayList<>();

  public SettingsReader(Map<String, String> environment) {
    this.environment = environment;
  }

  /** The names of all variables that are set. */
  final Set<String> names() {
    return new TreeSet<>(environment.keySet());
  }

  /** The value of a setting, or the other one where it is missing or blank. */
  final String text(String name, String otherwise) {
    return Optional.ofNullable(environment.get(name)).map(String::strip).filter(value -> !value.isEmpty())
        .orElse(otherwise);
  }

  /** The value of a setting that has to be there. */
  public final String required(String name) {
    String value = text(name, "");
    if (value.isEmpty()) fault(name + " is missing");
    return value;
  }

  /** What a setting says that has to be there; empty if it is missing or wrong. */
  public final <T> Optional<T> required(String name, Function<String, T> parser) {
    String value = required(name);
    return value.isEmpty() ? Optional.empty() : parse(name, value, parser);
  }

  /** The value of a setting that has to be one of these. */
  public final String oneOf(String name, String otherwise, String... allowed) {
    String value = text(name, otherwise);
    if (!List.of(allowed).contains(value)) fault(name + " must be " + String.join(" or ", allowed));
    return value;
  }

  /** What a setting says, if it is there. */
  final <T> Optional<T> parsed(String name, Function<String, T> parser) {
    String value = text(name, "");
    return value.isEmpty() ? Optional.empty() : parse(name, value, parser);
  }

  final <T> Optional<T> parse(String name, String value, Function<String, T> parser) {
    try {
      return Optional.of(parser.apply(value));
    } catch (IllegalArgumentException e) {
      fault(name + " " + e.getMessage());
      return Optional.empty();
    }
  }

  /** What the entries of a setting say, which commas separate. */
  public final <T> List<T> list(String name, Function<String, T> parser) {
    return Arrays.stream(text(name, "").split(",", -1)).map(String::strip).filter(entry -> !entry.isEmpty())
        .flatMap(entry -> parse(name, entry, parser).stream()).toList();
  }

  /** {@code FORBIDDEN_NETWORKS}, which all functions with an outbound door have. */
  public final List<Cidr> forbiddenNetworks() {
    return list("FORBIDDEN_NETWORKS", Cidr::parse);
  }

  /** Adds a fault: a text of ours that names the setting. */
  public final void fault(String text) {
    faults.add(text);
  }

  final List<String> faults() {
    return List.copyOf(faults);
  }

  /** Fails if there is a fault. The failure names every fault. */
  public final void requireNoFaults() {
    if (faults.isEmpty()) return;
    throw new Failure.Misconfigured("The settings are wrong: " + String.join("; ", faults) + ".", "");
  }
}
