package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.discovery.StatedEndpoints;
import social.avatarai.mcp.token.StatedIssuer;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The attributes of what a user's record states about an issuer. A row of an issuer with metadata has none of them, as
 * have the rows of earlier releases, and is sealed as before. The separator is in every row that has one of them.
 */
final class StatedItem {
  private static final String AUTHORIZATION = "authorizationEndpoint";
  private static final String TOKEN = "tokenEndpoint";
  private static final String REVOCATION = "revocationEndpoint";
  private static final String SEPARATOR = "scopeSeparator";
  /** What a grant, a kept token or a session has beside its token endpoint. */
  static final List<String> OF_AN_ISSUER = List.of(REVOCATION, SEPARATOR);
  /** What a server record has. */
  static final List<String> OF_A_RECORD = List.of(AUTHORIZATION, TOKEN, REVOCATION, SEPARATOR);

  private StatedItem() {}

  static Map<String, AttributeValue> of(@Nullable StatedIssuer stated) {
    return stated == null ? Map.of() : of(stated.revocationEndpoint(), stated.scopeSeparator()).toMap();
  }

  static Map<String, AttributeValue> of(@Nullable StatedEndpoints stated) {
    return stated == null
        ? Map.of()
        : of(stated.revocation(), stated.scopeSeparator()).with(AUTHORIZATION, text(stated.authorization().value()))
            .with(TOKEN, text(stated.token().value())).toMap();
  }

  private static Values of(@Nullable EndpointUrl revocation, String separator) {
    return Values.none().with(SEPARATOR, text(separator))
        .with(REVOCATION, revocation == null ? null : text(revocation.value()));
  }

  static @Nullable StatedIssuer issuer(ItemReader row) {
    return row.has(SEPARATOR) ? new StatedIssuer(revocation(row), row.text(SEPARATOR)) : null;
  }

  static @Nullable StatedEndpoints endpoints(ItemReader row) {
    return row.has(SEPARATOR)
        ? new StatedEndpoints(new EndpointUrl(row.text(AUTHORIZATION)), new EndpointUrl(row.text(TOKEN)),
            revocation(row), row.text(SEPARATOR))
        : null;
  }

  private static @Nullable EndpointUrl revocation(ItemReader row) {
    String url = row.textOrNull(REVOCATION);
    return url == null ? null : new EndpointUrl(url);
  }
}
