package social.avatarai.mcp.functions.authorizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Cidr;
import social.avatarai.mcp.lambda.Settings;

/**
 * The settings of this function alone; all faults are reported together.
 *
 * @param jwksUri {@code JWKS_URI}: where the issuer's public keys are
 * @param issuer {@code JWT_ISSUER}: the tokens' {@code iss}, character by character
 * @param audiences {@code JWT_AUDIENCE}: a token needs one of them in its {@code aud}; separated by commas
 * @param forbiddenNetworks {@code FORBIDDEN_NETWORKS}: networks to which we do not connect, as in all functions
 */
record AuthorizerSettings(EndpointUrl jwksUri, String issuer, Set<String> audiences, List<Cidr> forbiddenNetworks) {

  AuthorizerSettings {
    audiences = Set.copyOf(audiences);
    forbiddenNetworks = List.copyOf(forbiddenNetworks);
  }

  /** Reads the settings. A {@code misconfigured} failure names every fault. */
  static AuthorizerSettings read(Map<String, String> environment) {
    var faults = new ArrayList<String>();
    var jwksUri = url("JWKS_URI", required("JWKS_URI", environment, faults), faults);
    var issuer = required("JWT_ISSUER", environment, faults);
    var audiences = Arrays.stream(required("JWT_AUDIENCE", environment, faults).split(",", -1)).map(String::strip)
        .filter(audience -> !audience.isEmpty()).collect(Collectors.toSet());
    if (audiences.isEmpty() && faults.stream().noneMatch(fault -> fault.startsWith("JWT_AUDIENCE"))) {
      faults.add("JWT_AUDIENCE names no audience");
    }
    var networks = Settings.forbiddenNetworks(environment, faults);
    if (faults.isEmpty()) return new AuthorizerSettings(Objects.requireNonNull(jwksUri), issuer, audiences, networks);
    throw new Failure.Misconfigured("The settings are wrong: " + String.join("; ", faults) + ".", "");
  }

  private static String required(String name, Map<String, String> environment, List<String> faults) {
    String value = environment.getOrDefault(name, "").strip();
    if (value.isEmpty()) faults.add(name + " is missing");
    return value;
  }

  private static @Nullable EndpointUrl url(String name, String value, List<String> faults) {
    try {
      return value.isEmpty() ? null : new EndpointUrl(value);
    } catch (IllegalArgumentException e) {
      faults.add(name + " " + e.getMessage());
      return null;
    }
  }
}
