package social.avatarai.mcp.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.http.Json;

/**
 * The provider profiles. Those of the product are {@code profiles/*.json} in the resources, listed in the file
 * {@code index}; {@link OperatorProfiles} adds to them.
 */
public final class Profiles {
  private static final String FOLDER = "/profiles/";

  private final List<Profile> profiles;
  private final Map<String, Profile> byName;
  private final Map<String, ProfileFamily> families;
  private final Map<String, ObjectNode> documents;

  public Profiles(List<Profile> profiles) {
    this(profiles, Map.of(), Map.of(), Map.of());
  }

  private Profiles(List<Profile> profiles, Map<String, Profile> byName, Map<String, ProfileFamily> families,
      Map<String, ObjectNode> documents) {
    this.profiles = List.copyOf(profiles);
    this.byName = Map.copyOf(byName);
    this.families = Map.copyOf(families);
    this.documents = documents;
  }

  public static Profiles load() {
    var documents = new LinkedHashMap<String, ObjectNode>();
    resource("index").lines().filter(name -> !name.isBlank()).forEach(name -> documents.put(name,
        Json.object(resource(name + ".json").getBytes(UTF_8)).orElseThrow()));
    return read(documents);
  }

  /**
   * The profiles in these documents, which have the form of the product's files, by name.
   *
   * @throws IllegalArgumentException if one of them is faulty. The message names the profile and the member
   */
  public static Profiles read(Map<String, ObjectNode> documents) {
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
    return new Profiles(List.copyOf(byName.values()), byName, families, Map.copyOf(documents));
  }

  /** The documents that these profiles were read from, by name. */
  Map<String, ObjectNode> documents() {
    return documents;
  }

  /** The profile with this name, which is the name of the profile's file. It has one issuer. */
  public Optional<Profile> named(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** The names of the profiles that have one issuer, in the order of the alphabet. */
  public List<String> names() {
    return byName.keySet().stream().sorted().toList();
  }

  /** The profiles that have one issuer. */
  public List<Profile> all() {
    return profiles;
  }

  /** The issuers that have a profile of their own. */
  public List<Issuer> issuers() {
    return profiles.stream().map(Profile::issuer).toList();
  }

  /** How requests to this issuer differ; {@link ProviderRequests#STANDARD} without a profile. */
  public ProviderRequests requestsTo(Issuer issuer) {
    return of(issuer).map(Profile::requests).orElse(ProviderRequests.STANDARD);
  }

  /** The profile of this issuer alone, else the one of all tenants like it. */
  public Optional<Profile> of(Issuer issuer) {
    return profiles.stream().filter(profile -> profile.issuer().equals(issuer)).findFirst()
        .or(() -> families.values().stream().flatMap(family -> family.of(issuer).stream()).findFirst());
  }

  /** The prefixes of the operator's settings for a client, such as {@code MCP_EXAMPLE}, with what they belong to. */
  public Map<String, ClientPlace> clientPlaces() {
    var places = new LinkedHashMap<String, ClientPlace>();
    profiles.stream().filter(profile -> profile.clientSettings() != null)
        .forEach(profile -> places.put(String.valueOf(profile.clientSettings()), new ClientPlace(profile, null)));
    byName.forEach((name, profile) -> places.putIfAbsent(prefix(name, profile), new ClientPlace(profile, null)));
    families.forEach((name, family) -> places.putIfAbsent(prefix(name, family.prototype()),
        new ClientPlace(null, family)));
    return places;
  }

  private static String prefix(String name, Profile profile) {
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
        if (issuer == null || issuer.equals(profile.issuer())) return profile;
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
