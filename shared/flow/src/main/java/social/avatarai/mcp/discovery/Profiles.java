package social.avatarai.mcp.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.http.Json;

/**
 * The provider profiles. Those of the product are {@code profiles/*.json} in the resources, listed in the file
 * {@code index}; {@link OperatorProfiles} adds to them.
 */
public final class Profiles {
  private static final String FOLDER = "/profiles/";

  private final Supplier<Content> source;
  private @Nullable Content read;

  /**
   * What is read from the documents.
   *
   * @param profiles the profiles that have one issuer
   * @param bySpelling the same by both spellings of their issuers
   * @param byName the same by their names, as far as they have any
   * @param families the profiles for all tenants of a provider, by name: the most specific issuer first
   * @param documents what all of them were read from, by name
   */
  private record Content(List<Profile> profiles, Map<Issuer, Profile> bySpelling, Map<String, Profile> byName,
      Map<String, ProfileFamily> families, Map<String, ObjectNode> documents) {

    static Content of(Collection<Profile> profiles, Map<String, Profile> byName, Map<String, ProfileFamily> families,
        Map<String, ObjectNode> documents) {
      var bySpelling = new HashMap<Issuer, Profile>();
      for (var profile : profiles)
        for (var spelling : profile.issuer().spellings())
          bySpelling.putIfAbsent(spelling, profile);
      return new Content(List.copyOf(profiles), bySpelling, ordered(byName), ordered(families), ordered(documents));
    }
  }

  public Profiles(List<Profile> profiles) {
    this(() -> Content.of(profiles, Map.of(), Map.of(), Map.of()));
  }

  private Profiles(Supplier<Content> source) {
    this.source = source;
  }

  /**
   * The profiles of the product. They are read when one is asked for: a call with a token that is still good needs none,
   * and it may be the first of its process. Tests hold that none of the files is faulty.
   */
  public static Profiles load() {
    return new Profiles(() -> {
      var documents = new LinkedHashMap<String, ObjectNode>();
      resource("index").lines().filter(name -> !name.isBlank()).forEach(name -> documents.put(name,
          Json.object(resource(name + ".json").getBytes(UTF_8)).orElseThrow()));
      return content(documents);
    });
  }

  /**
   * The profiles in these documents, which have the form of the product's files, by name.
   *
   * @throws IllegalArgumentException if one of them is faulty. The message names the profile and the member
   */
  public static Profiles read(Map<String, ObjectNode> documents) {
    var content = content(documents);
    return new Profiles(() -> content);
  }

  private static Content content(Map<String, ObjectNode> documents) {
    var byName = new LinkedHashMap<String, Profile>();
    var families = new LinkedHashMap<String, ProfileFamily>();
    documents.forEach((name, document) -> {
      try {
        if (ProfileFamily.isFamily(document)) families.put(name, ProfileFamily.read(document));
        else
          byName.put(name, Profile.read(document));
      } catch (ProfileFault fault) {
        throw new IllegalArgumentException("profile " + name + ": " + fault.getMessage(), fault);
      }
    });
    return Content.of(byName.values(), byName, mostSpecificFirst(families), documents);
  }

  /** A copy in the same order. That of {@link Map#copyOf} differs between processes, and one process must not differ. */
  private static <T> Map<String, T> ordered(Map<String, T> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  private static Map<String, ProfileFamily> mostSpecificFirst(Map<String, ProfileFamily> families) {
    var sorted = new LinkedHashMap<String, ProfileFamily>();
    families.entrySet().stream()
        .sorted(Comparator.<Map.Entry<String, ProfileFamily>>comparingInt(entry -> -entry.getValue().issuer().length())
            .thenComparing(Map.Entry::getKey))
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }

  private synchronized Content content() {
    if (read == null) read = source.get();
    return read;
  }

  /** The documents that these profiles were read from, by name. */
  Map<String, ObjectNode> documents() {
    return content().documents();
  }

  /** The profiles for all tenants of a provider, by name. */
  Map<String, ProfileFamily> families() {
    return content().families();
  }

  /** The profile with this name, which is the name of the profile's file. It has one issuer. */
  public Optional<Profile> named(String name) {
    return Optional.ofNullable(content().byName().get(name));
  }

  /** The names of the profiles that have one issuer, in the order of the alphabet. */
  public List<String> names() {
    return content().byName().keySet().stream().sorted().toList();
  }

  /** The profiles that have one issuer. */
  public List<Profile> all() {
    return content().profiles();
  }

  /** The issuers that have a profile of their own. */
  public List<Issuer> issuers() {
    return all().stream().map(Profile::issuer).toList();
  }

  /** How requests to this issuer differ; {@link ProviderRequests#STANDARD} without a profile. */
  public ProviderRequests requestsTo(Issuer issuer) {
    return of(issuer).map(Profile::requests).orElse(ProviderRequests.STANDARD);
  }

  /**
   * The profile of this issuer alone, else the one of all tenants like it. A person has written the profile, so the issuer
   * in it may have one trailing slash more or less than this one.
   */
  public Optional<Profile> of(Issuer issuer) {
    return ofOne(issuer)
        .or(() -> content().families().values().stream().flatMap(family -> family.of(issuer).stream()).findFirst());
  }

  /** Whether a profile of one issuer means this one: then both spellings of it are the same issuer. */
  boolean hasProfileOf(Issuer issuer) {
    return ofOne(issuer).isPresent();
  }

  private Optional<Profile> ofOne(Issuer issuer) {
    return Optional.ofNullable(content().bySpelling().get(issuer));
  }

  /** The prefixes of the operator's settings for a client, such as {@code MCP_EXAMPLE}, with what they belong to. */
  public Map<String, ClientPlace> clientPlaces() {
    var places = new LinkedHashMap<String, ClientPlace>();
    all().stream().filter(profile -> profile.clientSettings() != null)
        .forEach(profile -> places.put(String.valueOf(profile.clientSettings()), new ClientPlace(profile, null)));
    content().byName()
        .forEach((name, profile) -> places.putIfAbsent(prefix(name, profile), new ClientPlace(profile, null)));
    content().families().forEach((name, family) -> places.putIfAbsent(prefix(name, family.prototype()),
        new ClientPlace(null, family)));
    return places;
  }

  /** The prefix of the settings for a client of this profile. */
  static String prefix(String name, Profile profile) {
    return Optional.ofNullable(profile.clientSettings())
        .orElseGet(() -> "MCP_" + name.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** Where a client that the operator configures belongs: to one issuer, or to one of many tenants. */
  public static final class ClientPlace {
    private final @Nullable Profile profile;
    private final @Nullable ProfileFamily family;

    private ClientPlace(@Nullable Profile profile, @Nullable ProfileFamily family) {
      this.profile = profile;
      this.family = family;
    }

    /**
     * The profile of the client's issuer.
     *
     * @param issuer the issuer that the operator names; null if none is named
     * @throws IllegalArgumentException if it is not the profile's, or is missing
     */
    public Profile at(@Nullable Issuer issuer) {
      if (profile != null) {
        if (issuer == null || issuer.means(profile.issuer())) return profile;
        throw new IllegalArgumentException("must be " + profile.issuer() + " or left out");
      }
      var tenants = Objects.requireNonNull(family);
      if (issuer == null) throw new IllegalArgumentException("is missing: like " + tenants.issuer());
      return tenants.of(issuer).orElseThrow(() -> new IllegalArgumentException("must be like " + tenants.issuer()));
    }
  }

  private static String resource(String name) {
    try (var stream = Objects.requireNonNull(Profiles.class.getResourceAsStream(FOLDER + name), name)) {
      return new String(stream.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
