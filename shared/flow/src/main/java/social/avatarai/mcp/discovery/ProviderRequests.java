package social.avatarai.mcp.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How requests to one provider differ from those that the specifications describe. Part of a {@link Profile}.
 *
 * @param authorization {@code authorization}: parameters that are added to the authorization request, never in the place
 *        of one of ours
 * @param namesResource {@code names_resource}, true by default: whether requests carry {@code resource} (RFC 8707)
 * @param jsonTokenRequests {@code json_token_requests}: token requests have a JSON body in place of a form
 * @param headers {@code headers}: headers that token and revocation requests carry
 * @param codeLife {@code code_life_seconds}: how long a code can be redeemed; null if it is not known
 * @param refreshedWhenRefused {@code refreshed_when_refused}: an access token of unknown life is used until its server
 *        refuses it. Elsewhere one that can be refreshed is taken to live an hour. Once a day the schedule refreshes it
 *        all the same, so that the refresh token stays alive
 * @param revocation {@code revocation}: a revocation of the provider's own kind; null for the one of RFC 7009
 */
public record ProviderRequests(Map<String, String> authorization, boolean namesResource, boolean jsonTokenRequests,
    Map<String, String> headers, @Nullable Duration codeLife, boolean refreshedWhenRefused,
    @Nullable ProviderRevocation revocation) {
  /** Headers that a request to a token endpoint has of its own. */
  private static final Set<String> OURS = Set.of("authorization", "content-type");

  /** Requests as the specifications have them. */
  public static final ProviderRequests STANDARD = new ProviderRequests(Map.of(), true, false, Map.of(), null, false,
      null);

  public ProviderRequests {
    authorization = Collections.unmodifiableMap(new LinkedHashMap<>(authorization));
    headers = requireFree(headers);
    if (codeLife != null && !codeLife.isPositive()) throw new IllegalArgumentException("a code lives no time");
  }

  static ProviderRequests read(JsonNode document) {
    return new ProviderRequests(texts(document.path("authorization")), document.path("names_resource").asBoolean(true),
        document.path("json_token_requests").asBoolean(false), texts(document.path("headers")),
        document.hasNonNull("code_life_seconds")
            ? Duration.ofSeconds(document.path("code_life_seconds").asLong())
            : null,
        document.path("refreshed_when_refused").asBoolean(false),
        document.hasNonNull("revocation") ? ProviderRevocation.read(document.path("revocation")) : null);
  }

  /** The headers, of which none is one of ours: a profile must not change how a client authenticates. */
  static Map<String, String> requireFree(Map<String, String> headers) {
    for (String name : headers.keySet())
      if (OURS.contains(name.toLowerCase(Locale.ROOT))) throw new IllegalArgumentException("a profile names " + name);
    return Collections.unmodifiableMap(new LinkedHashMap<>(headers));
  }

  static Map<String, String> texts(JsonNode object) {
    var texts = new LinkedHashMap<String, String>();
    object.properties().forEach(member -> texts.put(member.getKey(), member.getValue().asText()));
    return texts;
  }
}
