package social.avatarai.mcp.discovery;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Scopes;

/**
 * How requests to one provider differ from those that the specifications describe. Part of a {@link Profile}.
 *
 * @param authorization {@code authorization}: parameters that are added to the authorization request, never in the place
 *        of one of ours. {@code {resource}} in a value stands for the resource
 * @param namesResource {@code names_resource}, true by default: whether requests carry {@code resource} (RFC 8707)
 * @param jsonTokenRequests {@code json_token_requests}: token requests have a JSON body in place of a form
 * @param headers {@code headers}: headers that token and revocation requests carry
 * @param codeLife {@code code_life_seconds}: how long a code can be redeemed; null if it is not known
 * @param refreshedWhenRefused {@code refreshed_when_refused}: an access token of unknown life is used until its server
 *        refuses it. Elsewhere one that can be refreshed is taken to live an hour. Once a day the schedule refreshes it
 *        all the same, so that the refresh token stays alive
 * @param addedScopes {@code added_scopes}: scopes that are requested beside the others, because without them the provider
 *        gives no refresh token, or does not say whose account a grant is for
 * @param revocation {@code revocation}: a revocation of the provider's own kind; null for the one of RFC 7009
 */
public record ProviderRequests(Map<String, String> authorization, boolean namesResource, boolean jsonTokenRequests,
    Map<String, String> headers, @Nullable Duration codeLife, boolean refreshedWhenRefused,
    Scopes addedScopes, @Nullable ProviderRevocation revocation) {
  /**
   * The parameters of an authorization request that only we decide: what the flow depends on, and those that would change
   * who is asked, or how and where the response arrives.
   */
  public static final Set<String> RESERVED = Set.of("response_type", "response_mode", "client_id", "redirect_uri",
      "resource", "state", "nonce", "code_challenge", "code_challenge_method", "scope", "request", "request_uri");

  /** Stands in a parameter's value for the resource of the flow. */
  public static final String RESOURCE = "{resource}";

  /** Headers that a request to a token endpoint has of its own. */
  private static final Set<String> OURS = Set.of("authorization", "content-type");

  /** Requests as the specifications have them. */
  public static final ProviderRequests STANDARD = new ProviderRequests(Map.of(), true, false, Map.of(), null, false,
      Scopes.none(), null);

  public ProviderRequests {
    authorization = Collections.unmodifiableMap(new LinkedHashMap<>(authorization));
    for (String name : authorization.keySet())
      if (RESERVED.contains(name)) throw new IllegalArgumentException("must not name the parameter " + name);
    headers = requireFree(headers);
    if (codeLife != null && !codeLife.isPositive()) throw new IllegalArgumentException("has a code that lives no time");
  }

  static ProviderRequests read(ProfileMembers members) {
    var authorization = members.map("authorization");
    boolean namesResource = members.flag("names_resource", true);
    boolean json = members.flag("json_token_requests", false);
    var headers = members.map("headers");
    var codeLife = members.seconds("code_life_seconds").orElse(null);
    boolean whenRefused = members.flag("refreshed_when_refused", false);
    var added = members.checked("added_scopes", () -> new Scopes(members.texts("added_scopes")));
    var revocation = members.object("revocation").map(ProviderRevocation::read).orElse(null);
    return members.all(() -> new ProviderRequests(authorization, namesResource, json, headers, codeLife, whenRefused,
        added, revocation));
  }

  /** The headers, of which none is one of ours: a profile must not change how a client authenticates. */
  static Map<String, String> requireFree(Map<String, String> headers) {
    for (String name : headers.keySet())
      if (OURS.contains(name.toLowerCase(Locale.ROOT)))
        throw new IllegalArgumentException("must not name the header " + name);
    return Collections.unmodifiableMap(new LinkedHashMap<>(headers));
  }
}
