package social.avatarai.mcp.discovery;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The members of an object in a profile. A member of another type, and one that is not asked for, is a
 * {@link ProfileFault}: a member that is misspelled must not pass for one that is absent.
 */
final class ProfileMembers {
  private final ObjectNode object;
  private final String path;
  private final Set<String> known = new HashSet<>();

  ProfileMembers(ObjectNode document) {
    this(document, "");
  }

  private ProfileMembers(ObjectNode object, String path) {
    this.object = object;
    this.path = path;
  }

  /** A member that may be there for readers. It is not read here. */
  ProfileMembers ignoring(String... names) {
    known.addAll(List.of(names));
    return this;
  }

  Optional<JsonNode> find(String name) {
    known.add(name);
    return Optional.ofNullable(object.get(name)).filter(value -> !value.isNull());
  }

  Optional<String> text(String name) {
    return find(name).map(value -> text(name, value));
  }

  String required(String name) {
    return text(name).orElseThrow(() -> fault(name, "is missing"));
  }

  boolean flag(String name, boolean otherwise) {
    return find(name).map(value -> {
      if (value.isBoolean()) return value.booleanValue();
      throw fault(name, "must be true or false");
    }).orElse(otherwise);
  }

  Optional<Duration> seconds(String name) {
    return find(name).map(value -> {
      if (value.isIntegralNumber() && value.canConvertToInt() && value.intValue() > 0)
        return Duration.ofSeconds(value.intValue());
      throw fault(name, "must be a positive number of seconds");
    });
  }

  List<String> texts(String name) {
    return list(name, value -> text(name, value));
  }

  <T> List<T> list(String name, Function<JsonNode, T> reader) {
    return find(name).map(value -> {
      if (!value.isArray()) throw fault(name, "must be a list");
      return value.valueStream().map(entry -> checked(name, () -> reader.apply(entry))).toList();
    }).orElse(List.of());
  }

  /** JSON Pointers (RFC 6901): one text, or a list. */
  List<JsonPointer> pointers(String name) {
    return find(name).map(value -> (value.isArray() ? value.valueStream() : Stream.of(value))
        .map(entry -> checked(name, () -> JsonPointer.compile(text(name, entry)))).toList()).orElse(List.of());
  }

  /** A member whose text is parsed. */
  <T> Optional<T> value(String name, Function<String, T> parser) {
    return text(name).map(text -> checked(name, () -> parser.apply(text)));
  }

  Optional<ProfileMembers> object(String name) {
    return find(name).map(value -> {
      if (value instanceof ObjectNode members) return new ProfileMembers(members, path + name + ".");
      throw fault(name, "must be an object");
    });
  }

  /** An object whose members are texts. */
  Map<String, String> map(String name) {
    var texts = new LinkedHashMap<String, String>();
    object(name).ifPresent(members -> new ArrayList<>(members.object.properties())
        .forEach(member -> texts.put(member.getKey(), members.text(member.getKey(), member.getValue()))));
    return texts;
  }

  /** What is made of the members that have been read. An unknown member, or one that does not fit, is a fault. */
  <T> T all(Maker<T> maker) {
    object.fieldNames().forEachRemaining(name -> {
      if (!known.contains(name)) throw fault(name, "is no member of a profile here");
    });
    try {
      return maker.make();
    } catch (ProfileFault e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new ProfileFault(path.isEmpty() ? "The profile" : path.substring(0, path.length() - 1),
          String.valueOf(e.getMessage()));
    }
  }

  /** Makes a value of this product, whose constructor may throw IllegalArgumentException. */
  @FunctionalInterface
  interface Maker<T> {
    T make();
  }

  <T> T checked(String name, Maker<T> maker) {
    try {
      return maker.make();
    } catch (ProfileFault e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw fault(name, String.valueOf(e.getMessage()));
    }
  }

  ProfileFault fault(String name, String text) {
    return new ProfileFault(path + name, text);
  }

  private String text(String name, JsonNode value) {
    if (value.isTextual() && !value.textValue().isEmpty()) return value.textValue();
    throw fault(name, "must be a text");
  }
}
