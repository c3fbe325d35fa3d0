package social.avatarai.mcp.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.http.Json;

/**
 * The operator's own profiles: a JSON object of profiles by name, which have the form of the product's files. One with
 * the name of a product's profile changes that profile: its members replace the product's, and a member that is null
 * takes the product's away (JSON Merge Patch, RFC 7396). A profile that is null is taken away whole.
 *
 * <p>A faulty profile is never used in part: there is a fault for it, and no profiles at all then.
 */
public final class OperatorProfiles {
  /** The most characters. An environment variable of a function has less room. */
  public static final int MAX_LENGTH = 65_536;

  private final Map<String, ObjectNode> documents;
  private final List<String> faults = new ArrayList<>();

  private OperatorProfiles(Map<String, ObjectNode> documents) {
    this.documents = new LinkedHashMap<>(documents);
  }

  /**
   * The outcome.
   *
   * @param profiles the profiles; the product's alone if there is a fault
   * @param faults a text of ours for each fault, with the profile's name and the member's path
   */
  public record Read(Profiles profiles, List<String> faults) {}

  /** Reads the operator's profiles beside those of the product. */
  public static Read read(Profiles product, String json) {
    if (json.isBlank()) return new Read(product, List.of());
    if (json.length() > MAX_LENGTH) return new Read(product, List.of("is longer than " + MAX_LENGTH + " characters"));
    var found = Json.object(json.getBytes(UTF_8));
    if (found.isEmpty())
      return new Read(product, List.of("is no JSON object of profiles by name. " + Json.fault(json.getBytes(UTF_8))));
    return new OperatorProfiles(product.documents()).added(product, found.get());
  }

  private Read added(Profiles product, ObjectNode operators) {
    operators.properties().forEach(entry -> add(entry.getKey(), entry.getValue()));
    if (!faults.isEmpty()) return new Read(product, faults);
    var all = Profiles.read(documents);
    requireOneOfEach(product, all);
    return faults.isEmpty() ? new Read(all, List.of()) : new Read(product, faults);
  }

  private void add(String name, JsonNode value) {
    if (!name.matches("[a-z0-9]+(-[a-z0-9]+)*")) {
      faults.add("has a profile whose name is not like example or example-two");
      return;
    }
    if (value.isNull()) {
      documents.remove(name);
      return;
    }
    if (!(value instanceof ObjectNode own)) {
      faults.add(name + " must be an object");
      return;
    }
    var before = documents.get(name);
    var document = before == null ? own : merged(before, own);
    if (before != null && !before.path("issuer").equals(document.path("issuer"))) {
      faults.add(name + ": issuer cannot be another one than the product's: give the profile another name");
      return;
    }
    try {
      var read = Profiles.read(Map.of(name, document));
      if (read.named(name).filter(Profile::isPublishedElsewhere).isPresent())
        faults.add(name + ": published_issuer must be on the site of the issuer");
      documents.put(name, document);
    } catch (IllegalArgumentException e) {
      faults.add(String.valueOf(e.getMessage()).replaceFirst("^profile ", ""));
    }
  }

  /** RFC 7396 §2. */
  private static ObjectNode merged(ObjectNode before, ObjectNode patch) {
    var merged = before.deepCopy();
    patch.properties().forEach(member -> {
      if (member.getValue().isNull()) merged.remove(member.getKey());
      else if (member.getValue() instanceof ObjectNode inner) {
        merged.set(member.getKey(), merged(merged.path(member.getKey()) instanceof ObjectNode own
            ? own
            : Json.newObject(), inner));
      } else
        merged.set(member.getKey(), member.getValue());
    });
    return merged;
  }

  /**
   * Two profiles of one issuer, origin, record or prefix would leave it open which of them counts, and a client's secret
   * could be sent to the other one's token endpoint. Only what two files of the product have in common is meant so.
   */
  private void requireOneOfEach(Profiles product, Profiles all) {
    var known = new HashMap<String, String>();
    claims(all).forEach((name, claims) -> claims.forEach(claim -> {
      String other = known.putIfAbsent(claim, name);
      if (other != null && !(has(product, name, claim) && has(product, other, claim)))
        faults.add(name + " and " + other + " have the same " + claim.substring(0, claim.indexOf(' ')));
    }));
    requireTenantsOfOne(List.copyOf(all.families().entrySet()));
  }

  private void requireTenantsOfOne(List<Map.Entry<String, ProfileFamily>> families) {
    for (int one = 0; one < families.size(); one++)
      for (var other : families.subList(one + 1, families.size()))
        if (families.get(one).getValue().overlaps(other.getValue()))
          faults.add(families.get(one).getKey() + " and " + other.getKey() + " have the same tenants");
  }

  private static boolean has(Profiles product, String name, String claim) {
    return claims(product).getOrDefault(name, List.of()).contains(claim);
  }

  /** What no other profile may have, by the name of each profile. */
  private static Map<String, List<String>> claims(Profiles profiles) {
    var claims = new TreeMap<String, List<String>>();
    for (String name : profiles.names())
      claims.put(name, claims(name, profiles.named(name).orElseThrow()));
    profiles.families().forEach((name, family) -> claims.put(name, List.of(settings(name, family.prototype()))));
    return claims;
  }

  private static List<String> claims(String name, Profile profile) {
    // Both spellings are one issuer. The shorter one comes first in the order of texts.
    String issuer = Collections.min(profile.issuer().spellings().stream().map(Issuer::value).toList());
    return Stream.of(Stream.of("issuer " + issuer, settings(name, profile)),
        profile.resourceOrigins().stream().map("resource_origins "::concat),
        profile.serverIds().stream().map("server_ids "::concat)).flatMap(claim -> claim).toList();
  }

  private static String settings(String name, Profile profile) {
    return "client_settings " + Profiles.prefix(name, profile);
  }
}
