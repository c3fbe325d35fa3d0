package social.avatarai.mcp.lambda;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.PublicBase;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.registration.OperatorClients;
import social.avatarai.mcp.registration.RedirectUris;

/**
 * The operator's clients at the providers that have a profile: {@code MCP_<NAME>_CLIENT_ID}, and beside it
 * {@code _CLIENT_SECRET_NAME}, {@code _REDIRECT_URI}, {@code _ISSUER} and {@code _TOKEN_ENDPOINT_AUTH_METHOD}. A
 * deployment has variables of its own for some providers; the settings for all others stand in {@code MCP_CLIENTS}, as
 * {@code name=value} pairs, because a template cannot make variables of a parameter.
 */
final class ClientSettings {
  static final String LIST = "MCP_CLIENTS";
  private static final String ID = "_CLIENT_ID";
  private static final String SECRET_NAME = "_CLIENT_SECRET_NAME";
  private static final String REDIRECT_URI = "_REDIRECT_URI";
  private static final String ISSUER = "_ISSUER";
  private static final String METHOD = "_TOKEN_ENDPOINT_AUTH_METHOD";
  private static final List<String> ENDS = List.of(ID, SECRET_NAME, REDIRECT_URI, ISSUER, METHOD);
  /** The folder of secrets that the functions may read for these clients. The template's policies name it too. */
  private static final String FOLDER = "/operator-client/";
  /** What an ARN of Secrets Manager has before the name of the secret. */
  private static final String ARN = "^arn:[^:]+:secretsmanager:[^:]+:[^:]+:secret:";

  private final SettingsReader reader;
  private final Profiles profiles;
  private final @Nullable PublicBase base;
  private final Set<Issuer> plainCallbackIssuers;
  private final Map<String, String> values = new LinkedHashMap<>();

  /**
   * @param base the base URL of this deployment; null if that is the domain name of each request
   * @param plainCallbackIssuers issuers for which the operator allows the plain callback
   */
  ClientSettings(SettingsReader reader, Profiles profiles, @Nullable PublicBase base,
      Set<Issuer> plainCallbackIssuers) {
    this.reader = reader;
    this.profiles = profiles;
    this.base = base;
    this.plainCallbackIssuers = plainCallbackIssuers;
  }

  /** The clients. The faults are the reader's. */
  List<OperatorClients.Configured> read() {
    for (String name : reader.names())
      if (prefix(name).isPresent()) put(name, reader.text(name, ""));
    for (String pair : reader.list(LIST, Function.identity()))
      putFromList(pair);
    var prefixes = new TreeSet<String>();
    values.keySet().forEach(name -> prefixes.add(prefix(name).orElseThrow()));
    // No profile is read for a deployment without clients.
    if (prefixes.isEmpty()) return List.of();
    var places = profiles.clientPlaces();
    var clients = new ArrayList<OperatorClients.Configured>();
    prefixes.forEach(prefix -> client(prefix, places).ifPresent(clients::add));
    return List.copyOf(clients);
  }

  static Optional<String> prefix(String name) {
    return ENDS.stream().filter(end -> name.startsWith("MCP_") && name.endsWith(end) && !name.equals("MCP" + end))
        .findFirst().map(end -> name.substring(0, name.length() - end.length()));
  }

  private void put(String name, String value) {
    if (!value.isEmpty()) values.put(name, value);
  }

  private void putFromList(String pair) {
    int equals = pair.indexOf('=');
    String name = equals < 0 ? "" : pair.substring(0, equals).strip();
    String value = pair.substring(equals + 1).strip();
    if (prefix(name).isEmpty()) {
      reader.fault(LIST + " must be pairs such as MCP_EXAMPLE_CLIENT_ID=value, whose names end in "
          + String.join(", ", ENDS));
    } else if (values.containsKey(name)) reader.fault(name + " is set twice");
    else
      put(name, value);
  }

  /**
   * A secret by its name or its ARN. The policies of the functions name the folder at the same place, so that every other
   * secret would be refused to the first user's flow.
   */
  private void requireReadable(String setting, String secretName) {
    String folder = reader.text("CLIENT_SECRET_PREFIX", "") + FOLDER;
    if (!secretName.replaceFirst(ARN, "").matches(Pattern.quote(folder) + ".+"))
      reader.fault(setting + " must begin with " + folder + ", the secrets that the functions may read");
  }

  private Optional<OperatorClients.Configured> client(String prefix, Map<String, Profiles.ClientPlace> places) {
    var place = places.get(prefix);
    if (place == null) {
      reader.fault(prefix + ID + " belongs to no profile: " + prefix + " is none of "
          + String.join(", ", new TreeSet<>(places.keySet())));
      return Optional.empty();
    }
    if (!values.containsKey(prefix + ID)) {
      reader.fault(prefix + ID + " is missing beside the other settings of the client");
      return Optional.empty();
    }
    var issuer = value(prefix + ISSUER, Issuer::new);
    var profile = reader.parse(prefix + ISSUER, "", _ -> place.at(issuer));
    var id = value(prefix + ID, ClientId::new);
    var redirectUri = value(prefix + REDIRECT_URI, RedirectUri::new);
    var method = value(prefix + METHOD, ClientAuthenticationMethod::ofWritten);
    String secretName = values.get(prefix + SECRET_NAME);
    if (profile.isEmpty() || id == null) return Optional.empty();
    requireSecret(prefix, profile.get(), method, secretName);
    if (redirectUri != null) requireOurs(prefix + REDIRECT_URI, profile.get(), redirectUri);
    return Optional.of(new OperatorClients.Configured(profile.get(), id, secretName, redirectUri, method));
  }

  private void requireSecret(String prefix, Profile profile, @Nullable ClientAuthenticationMethod method,
      @Nullable String secretName) {
    if (secretName != null) requireReadable(prefix + SECRET_NAME, secretName);
    boolean isPublic = method == ClientAuthenticationMethod.NONE;
    if (isPublic && secretName != null) reader.fault(prefix + METHOD + " is none, but the client has a secret");
    if (method != null && !isPublic && secretName == null)
      reader.fault(prefix + SECRET_NAME + " is missing: a client of " + profile.issuer() + " authenticates by "
          + method.wireName());
  }

  /** Refuses a redirect URI that no flow would use: the first user's flow would find it. */
  private void requireOurs(String setting, Profile profile, RedirectUri uri) {
    var ours = base == null ? new PublicBase(new EndpointUrl(uri.value()).origin()) : base;
    boolean sharesPlain = profile.plainCallback()
        || plainCallbackIssuers.stream().anyMatch(allowed -> allowed.means(profile.issuer()));
    // The issuer may publish the other spelling.
    boolean used = profile.issuer().spellings().stream()
        .anyMatch(issuer -> new RedirectUris(issuer, ours, sharesPlain).hasAsOwnOrPlain(uri));
    if (!used)
      reader.fault(setting + " must be the redirect URI of this deployment that the call redirect-uri names for "
          + profile.issuer());
  }

  private <T> @Nullable T value(String name, Function<String, T> parser) {
    return values.containsKey(name)
        ? reader.parse(name, Objects.requireNonNull(values.get(name)), parser).orElse(null)
        : null;
  }
}
