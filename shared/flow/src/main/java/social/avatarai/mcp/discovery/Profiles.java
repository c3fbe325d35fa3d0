package social.avatarai.mcp.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.http.Json;

/** The provider profiles of the product: {@code profiles/*.json} in the resources, listed in the file {@code index}. */
public final class Profiles {
  private static final String FOLDER = "/profiles/";

  private final List<Profile> profiles;
  private final Map<String, Profile> byName;

  public Profiles(List<Profile> profiles) {
    this(profiles, Map.of());
  }

  private Profiles(List<Profile> profiles, Map<String, Profile> byName) {
    this.profiles = List.copyOf(profiles);
    this.byName = Map.copyOf(byName);
  }

  public static Profiles load() {
    var documents = new LinkedHashMap<String, ObjectNode>();
    resource("index").lines().filter(name -> !name.isBlank()).forEach(name -> documents.put(name,
        Json.object(resource(name + ".json").getBytes(UTF_8)).orElseThrow()));
    return read(documents);
  }

  /** The profiles in these documents, which have the form of the product's files, by name. */
  public static Profiles read(Map<String, ObjectNode> documents) {
    var byName = new LinkedHashMap<String, Profile>();
    documents.forEach((name, document) -> byName.put(name, Profile.read(document)));
    return new Profiles(List.copyOf(byName.values()), byName);
  }

  /** The profile with this name, which is the name of the profile's file. */
  public Optional<Profile> named(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** The names of the profiles, in the order of the alphabet. */
  public List<String> names() {
    return byName.keySet().stream().sorted().toList();
  }

  public List<Profile> all() {
    return profiles;
  }

  /** The issuers that have a profile. */
  public List<Issuer> issuers() {
    return profiles.stream().map(Profile::issuer).toList();
  }

  /** How requests to this issuer differ; {@link ProviderRequests#STANDARD} without a profile. */
  public ProviderRequests requestsTo(Issuer issuer) {
    return of(issuer).map(Profile::requests).orElse(ProviderRequests.STANDARD);
  }

  public Optional<Profile> of(Issuer issuer) {
    return profiles.stream().filter(profile -> profile.issuer().equals(issuer)).findFirst();
  }

  private static String resource(String name) {
    try (var stream = Objects.requireNonNull(Profiles.class.getResourceAsStream(FOLDER + name), name)) {
      return new String(stream.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
