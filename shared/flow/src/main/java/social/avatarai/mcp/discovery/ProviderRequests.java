package social.avatarai.mcp.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How requests to one provider differ from those that the specifications describe. Part of a {@link Profile}.
 *
 * @param authorization {@code authorization}: parameters that are added to the authorization request
 * @param namesResource {@code names_resource}, true by default: whether requests carry {@code resource} (RFC 8707)
 * @param jsonTokenRequests {@code json_token_requests}: token requests have a JSON body in place of a form
 * @param headers {@code headers}: headers that token and revocation requests carry
 * @param codeLife {@code code_life_seconds}: how long a code can be redeemed; null if it is not known
 */
public record ProviderRequests(Map<String, String> authorization, boolean namesResource, boolean jsonTokenRequests,
    Map<String, String> headers, @Nullable Duration codeLife) {

  /** Requests as the specifications have them. */
  public static final ProviderRequests STANDARD = new ProviderRequests(Map.of(), true, false, Map.of(), null);

  static ProviderRequests read(JsonNode document) {
    return new ProviderRequests(texts(document.path("authorization")), document.path("names_resource").asBoolean(true),
        document.path("json_token_requests").asBoolean(false), texts(document.path("headers")),
        document.hasNonNull("code_life_seconds")
            ? Duration.ofSeconds(document.path("code_life_seconds").asLong())
            : null);
  }

  private static Map<String, String> texts(JsonNode object) {
    var texts = new LinkedHashMap<String, String>();
    object.properties().forEach(member -> texts.put(member.getKey(), member.getValue().asText()));
    return texts;
  }
}
