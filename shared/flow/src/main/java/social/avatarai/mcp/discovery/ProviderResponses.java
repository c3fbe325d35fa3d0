package social.avatarai.mcp.discovery;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the token responses of one provider differ from those that RFC 6749 §5.1 describes. Part of a {@link Profile}.
 *
 * @param tokenTypes {@code token_types}: words for the type of the token that mean Bearer there, in lower case
 * @param tokensIn {@code tokens_in}: the member, an object, that may hold the tokens in place of the response itself;
 *        null for none. There is no search for tokens anywhere else
 * @param accessTokenLife {@code access_token_life_seconds}: how long an access token lives if its response does not say;
 *        null if it is not known
 */
public record ProviderResponses(List<String> tokenTypes, @Nullable String tokensIn,
    @Nullable Duration accessTokenLife) {
  /** Types of tokens that must be presented in another way than as Bearer, so that no profile can rename them. */
  private static final Set<String> OTHERS = Set.of("dpop", "mac", "n_a", "pop");

  /** Responses as the specification has them. */
  public static final ProviderResponses STANDARD = new ProviderResponses(List.of(), null, null);

  public ProviderResponses {
    tokenTypes = List.copyOf(tokenTypes);
    for (String type : tokenTypes) {
      if (!type.equals(type.toLowerCase(Locale.ROOT)) || OTHERS.contains(type))
        throw new IllegalArgumentException("has a token_types entry that cannot mean Bearer");
    }
  }

  static ProviderResponses read(ProfileMembers members) {
    var types = members.texts("token_types");
    var in = members.text("tokens_in").orElse(null);
    var life = members.seconds("access_token_life_seconds").orElse(null);
    return members.all(() -> new ProviderResponses(types, in, life));
  }
}
