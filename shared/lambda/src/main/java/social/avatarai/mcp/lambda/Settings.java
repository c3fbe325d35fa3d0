package social.avatarai.mcp.lambda;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Budgets;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.PublicBase;
import social.avatarai.mcp.discovery.OperatorProfiles;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.discovery.Strictness;
import social.avatarai.mcp.http.Cidr;
import social.avatarai.mcp.registration.ClientMetadataUrl;
import social.avatarai.mcp.registration.OperatorClients;

/**
 * The settings of a deployment, read once from the environment; all faults are reported together.
 *
 * @param sessionsTable {@code SESSIONS_TABLE}
 * @param tokensTable {@code TOKENS_TABLE}
 * @param dueTable {@code DUE_TABLE}
 * @param registrationsTable {@code REGISTRATIONS_TABLE}
 * @param serversTable {@code SERVERS_TABLE}
 * @param keyRingSecret {@code KEY_RING_SECRET}: name of the key ring
 * @param signingKeySecret {@code SIGNING_KEY_SECRET}: name of our signing key
 * @param clientSecretPrefix {@code CLIENT_SECRET_PREFIX}: what the names of client secrets begin with
 * @param userSecretsInTable {@code USER_CLIENT_SECRETS}: {@code secretsmanager} or {@code table}
 * @param publicBase {@code PUBLIC_BASE_URL}; null to take the domain name of each request
 * @param fullTokenResponses {@code TOKEN_RESPONSES}: {@code full} or {@code reference}
 * @param returnTo {@code RETURN_TO_ALLOWLIST}
 * @param corsOrigins {@code CORS_ORIGINS}: API Gateway answers by them, and so does the local runner
 * @param clientMetadataUrl {@code CLIENT_METADATA_URL}; null for our own documents
 * @param clientName {@code CLIENT_NAME}
 * @param userClaim {@code USER_CLAIM}: the claim that names the user
 * @param requiredScope {@code REQUIRED_SCOPE}; "" for none
 * @param bindings {@code ISSUER_BINDINGS}: issuers by resource origin
 * @param pkceExceptions {@code PKCE_EXCEPTIONS}: issuers that support S256 without saying so
 * @param plainCallbackIssuers {@code PLAIN_CALLBACK_ISSUERS}: issuers whose clients by hand may use the plain callback
 * @param strictness {@code FOREIGN_ISSUERS}: {@code warn} or {@code refuse}; {@code EXACT_RESOURCES}: {@code on} or
 *         {@code off}
 * @param budgets {@code BUDGET_REQUESTS_PER_HOUR}, {@code BUDGET_GRANTS}, {@code BUDGET_SLOW_CALLS}: what a user may use
 * @param operatorClients {@code MCP_…_CLIENT_ID} and the settings beside it, see {@link ClientSettings}
 * @param forbiddenNetworks {@code FORBIDDEN_NETWORKS}: networks to which we do not connect, beside those that are not
 *        public
 * @param profiles the profiles of the product, with those of the operator in {@code PROVIDER_PROFILES}
 */
public record Settings(String sessionsTable, String tokensTable, String dueTable, String registrationsTable,
    String serversTable, String keyRingSecret, String signingKeySecret, String clientSecretPrefix,
    boolean userSecretsInTable,
    @Nullable PublicBase publicBase,
    boolean fullTokenResponses, List<String> returnTo, List<String> corsOrigins,
    @Nullable ClientMetadataUrl clientMetadataUrl, String clientName, String userClaim, String requiredScope,
    Map<String, Issuer> bindings, Set<Issuer> pkceExceptions,
    Set<Issuer> plainCallbackIssuers, Strictness strictness, Budgets budgets,
    List<OperatorClients.Configured> operatorClients, List<Cidr> forbiddenNetworks, Profiles profiles) {
  /** The setting with the operator's own profiles. */
  public static final String OPERATOR_PROFILES = "PROVIDER_PROFILES";

  /**
   * Reads the settings. A {@code misconfigured} failure names every fault.
   *
   * @param product the profiles of the product
   */
  public static Settings read(Map<String, String> environment, Profiles product) {
    return new Reader(environment).read(product);
  }

  /** The faults of the settings, one text of ours for each; empty when there is none. */
  public static List<String> faults(Map<String, String> environment, Profiles product) {
    var reader = new Reader(environment);
    reader.settings(product);
    return reader.faults();
  }

  /** Whether this is the name of a setting of one of the operator's clients, such as {@code MCP_EXAMPLE_CLIENT_ID}. */
  public static boolean isOfAClient(String name) {
    return ClientSettings.prefix(name).isPresent();
  }

  private static final class Reader extends SettingsReader {

    Reader(Map<String, String> environment) {
      super(environment);
    }

    Settings read(Profiles product) {
      var settings = settings(product);
      requireNoFaults();
      return settings;
    }

    Settings settings(Profiles product) {
      var profiles = withOperators(product);
      var base = parsed("PUBLIC_BASE_URL", PublicBase::new).orElse(null);
      var plainCallbackIssuers = new HashSet<>(list("PLAIN_CALLBACK_ISSUERS", Issuer::new));
      return new Settings(required("SESSIONS_TABLE"), required("TOKENS_TABLE"),
          required("DUE_TABLE"), required("REGISTRATIONS_TABLE"), required("SERVERS_TABLE"),
          required("KEY_RING_SECRET"), required("SIGNING_KEY_SECRET"), required("CLIENT_SECRET_PREFIX"),
          oneOf("USER_CLIENT_SECRETS", "secretsmanager", "secretsmanager", "table").equals("table"),
          base,
          oneOf("TOKEN_RESPONSES", "full", "full", "reference").equals("full"),
          list("RETURN_TO_ALLOWLIST", this::url), list("CORS_ORIGINS", this::origin),
          parsed("CLIENT_METADATA_URL", ClientMetadataUrl::new).orElse(null),
          text("CLIENT_NAME", "AvatarAI Social MCP Client"),
          text("USER_CLAIM", "sub"), text("REQUIRED_SCOPE", ""), bindings(),
          new HashSet<>(list("PKCE_EXCEPTIONS", Issuer::new)),
          plainCallbackIssuers, strictness(), budgets(),
          new ClientSettings(this, profiles, base, plainCallbackIssuers).read(),
          forbiddenNetworks(), profiles);
    }

    private Strictness strictness() {
      return new Strictness(oneOf("FOREIGN_ISSUERS", "warn", "warn", "refuse").equals("refuse"),
          oneOf("EXACT_RESOURCES", "off", "on", "off").equals("on"));
    }

    private Budgets budgets() {
      return new Budgets(budget("BUDGET_REQUESTS_PER_HOUR", 600), budget("BUDGET_GRANTS", 200),
          budget("BUDGET_SLOW_CALLS", 8));
    }

    private int budget(String name, int otherwise) {
      String value = text(name, Integer.toString(otherwise));
      if (value.matches("[0-9]{1,6}")) return Integer.parseInt(value);
      fault(name + " must be a number from 0 (switched off) to 999999");
      return otherwise;
    }

    private String url(String value) {
      return new EndpointUrl(value).value();
    }

    private String origin(String value) {
      if (value.equals(new EndpointUrl(value).origin())) return value;
      throw new IllegalArgumentException("must be origins, without a path");
    }

    private Map<String, Issuer> bindings() {
      var bindings = new HashMap<String, Issuer>();
      for (String pair : list("ISSUER_BINDINGS", Function.identity())) {
        int equals = pair.indexOf('=');
        if (equals < 0) fault("ISSUER_BINDINGS must be resource origin=issuer pairs");
        else
          parse("ISSUER_BINDINGS", pair.substring(0, equals).replaceFirst("/$", ""), this::origin)
              .ifPresent(origin -> parse("ISSUER_BINDINGS", pair.substring(equals + 1), Issuer::new)
                  .ifPresent(issuer -> bindings.put(origin, issuer)));
      }
      return bindings;
    }

    /** The profiles with those of the operator. Where one of those is faulty, the settings are. */
    private Profiles withOperators(Profiles product) {
      var read = OperatorProfiles.read(product, text(OPERATOR_PROFILES, ""));
      read.faults().forEach(text -> fault(OPERATOR_PROFILES + " " + text));
      return read.profiles();
    }
  }
}
