package social.avatarai.mcp.record;

import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.discovery.StatedEndpoints;

/** The members of {@code authorization.config} that state the endpoints of an issuer which publishes no metadata. */
final class RecordEndpoints {
  private static final String CONFIG = "authorization.config.";
  private static final String AUTHORIZATION = "authorization_endpoint";
  private static final String TOKEN = "token_endpoint";
  private static final String REVOCATION = "revocation_endpoint";
  private static final String SEPARATOR = "scope_separator";
  private static final Set<String> SEPARATORS = Set.of(StatedEndpoints.STANDARD_SEPARATOR, ",");

  private RecordEndpoints() {}

  /** The endpoints; null if the record states none, or states those of the issuer's profile. */
  static @Nullable StatedEndpoints read(RecordFields config, @Nullable Issuer issuer, @Nullable ClientId client,
      Profiles profiles) {
    var authorization = config.url(AUTHORIZATION);
    var token = config.url(TOKEN).map(url -> withoutQuery(TOKEN, url));
    var revocation = config.url(REVOCATION).map(url -> withoutQuery(REVOCATION, url));
    var separator = separator(config);
    if (authorization.isEmpty() && token.isEmpty() && revocation.isEmpty() && separator.isEmpty()) return null;
    if (authorization.isEmpty() || token.isEmpty()) {
      throw bad(CONFIG + AUTHORIZATION + " and " + TOKEN + " go together, and " + REVOCATION + " and " + SEPARATOR
          + " go with them.");
    }
    if (issuer == null || client == null) {
      throw bad(CONFIG + TOKEN + " belongs to a client of yours: name its issuer and client_id too.");
    }
    var stated = new StatedEndpoints(authorization.get(), token.get(), revocation.orElse(null),
        separator.orElse(StatedEndpoints.STANDARD_SEPARATOR));
    var profile = profiles.of(issuer).filter(known -> known.metadata() != null);
    if (profile.isEmpty()) return stated;
    if (isOf(profile.get(), stated, separator)) return null;
    throw bad(CONFIG + TOKEN + " and the other endpoints are not those of the profile of the issuer: leave them out.");
  }

  /** Whether the profile's metadata says the same. What the record leaves out comes from the profile. */
  private static boolean isOf(Profile profile, StatedEndpoints stated, Optional<String> separator) {
    var metadata = AuthorizationServerMetadata.ofProfile(profile).orElseThrow();
    var revocation = stated.revocation();
    return metadata.authorizationEndpoint().equals(stated.authorization())
        && metadata.tokenEndpoint().equals(stated.token())
        && (revocation == null || Objects.equals(metadata.revocationEndpoint().orElse(null), revocation))
        && separator.filter(Predicate.not(profile.scopeSeparator()::equals)).isEmpty();
  }

  /** A secret is sent there, and the URL is shown, so the URL must not hold a key. */
  private static EndpointUrl withoutQuery(String member, EndpointUrl url) {
    if (url.queryPart().isEmpty()) return url;
    throw new Failure.BadRequest(ErrorCode.INVALID_URL, "The record's " + CONFIG + member + " must have no query.");
  }

  private static Optional<String> separator(RecordFields config) {
    var separator = config.text(SEPARATOR);
    if (separator.filter(Predicate.not(SEPARATORS::contains)).isEmpty()) return separator;
    throw bad(CONFIG + SEPARATOR + " must be a space or a comma.");
  }

  private static Failure bad(String what) {
    return RecordFields.bad("The record's " + what);
  }
}
