package social.avatarai.mcp.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.http.Json;

/** The provider profiles that come with the product: {@code profiles/*.json} in the resources, listed in its index. */
public final class Profiles {
  private static final String FOLDER = "/profiles/";

  private final List<Profile> profiles;

  public Profiles(List<Profile> profiles) {
    this.profiles = List.copyOf(profiles);
  }

  public static Profiles load() {
    return new Profiles(resource("index").lines().filter(name -> !name.isBlank())
        .map(name -> Profile.read(Json.object(resource(name + ".json").getBytes(UTF_8)).orElseThrow())).toList());
  }

  public List<Profile> all() {
    return profiles;
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
