package social.avatarai.mcp.functions.authorizer;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.http.Cidr;
import social.avatarai.mcp.lambda.SettingsReader;

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
    var reader = new SettingsReader(environment);
    var jwksUri = reader.required("JWKS_URI", EndpointUrl::new);
    var issuer = reader.required("JWT_ISSUER");
    boolean hasAudience = !reader.required("JWT_AUDIENCE").isEmpty();
    var audiences = Set.copyOf(reader.list("JWT_AUDIENCE", Function.identity()));
    if (hasAudience && audiences.isEmpty()) reader.fault("JWT_AUDIENCE names no audience");
    var networks = reader.forbiddenNetworks();
    reader.requireNoFaults();
    return new AuthorizerSettings(jwksUri.orElseThrow(), issuer, audiences, networks);
  }
}
