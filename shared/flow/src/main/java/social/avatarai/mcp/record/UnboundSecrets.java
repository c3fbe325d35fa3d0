package social.avatarai.mcp.record;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;

/**
 * The secrets of a record that are not in use: nothing says yet to which issuer they belong, or its issuer or the server
 * cannot be reached. They are sealed in the record's row, and sent nowhere. When they are bound, they move to their
 * stores, and the row keeps nothing of them.
 *
 * @param issuer the issuer that the record named when the secrets came; null if it named none
 * @param clientId the client that the record named when the secrets came; null if it named none
 * @param clientSecret the secret of the client; null if there is none
 * @param credentials the live tokens; null if there are none
 */
public record UnboundSecrets(@Nullable Issuer issuer, @Nullable ClientId clientId, @Nullable ClientSecret clientSecret,
    @Nullable LiveCredentials credentials) {

  /** The secrets that a record brings, and those that its former record has left, as far as they still fit. */
  public static UnboundSecrets of(ServerRecord record, Optional<McpServer> before, EndpointUrl url) {
    var left = before.flatMap(server -> Optional.ofNullable(server.unbound())).filter(former -> former.fit(record));
    var client = record.client();
    var secret = Optional.ofNullable(client.secret()).or(() -> left.map(UnboundSecrets::clientSecret));
    // Tokens belong to the URL that they came with: a stored token is never sent to an edited URL.
    boolean sameUrl = before.filter(server -> server.url().withoutQuery().equals(url.withoutQuery())).isPresent();
    var credentials = Optional.ofNullable(record.credentials())
        .or(() -> left.filter(_ -> sameUrl).map(UnboundSecrets::credentials));
    // What the former record said about its tokens stays true of them.
    var issuer = Optional.ofNullable(client.issuer()).or(() -> left.map(UnboundSecrets::issuer));
    var id = Optional.ofNullable(client.id()).or(() -> left.map(UnboundSecrets::clientId));
    return new UnboundSecrets(issuer.orElse(null), id.orElse(null), secret.orElse(null), credentials.orElse(null));
  }

  /** Whether a later record may use these secrets: it names no other issuer and no other client. */
  private boolean fit(ServerRecord record) {
    var client = record.client();
    boolean bringsOwn = client.secret() != null || record.credentials() != null;
    // Secrets of an unknown issuer are not mixed with those of a known one.
    boolean sameIssuer = issuer == null || (client.issuer() == null ? !bringsOwn : issuer.means(client.issuer()));
    return sameIssuer && (clientId == null || clientId.equals(client.id()));
  }

  /**
   * What the row keeps when it is written. A secret that the record brings goes to its store. One that the row had kept
   * stays until it is in its store, because there is no other copy.
   *
   * @param bound the client of the record whose issuer is known; null if there is none
   */
  public @Nullable UnboundSecrets untilStored(ServerRecord record, @Nullable ClientId bound) {
    return (bound == null || record.client().secret() == null ? this : withoutClientSecret()).orNull();
  }

  /** The same after the client's secret has moved to its store. */
  public UnboundSecrets withoutClientSecret() {
    return new UnboundSecrets(issuer, clientId, null, credentials);
  }

  /** The same after the tokens have become a grant, or were given up. */
  public UnboundSecrets withoutCredentials() {
    return new UnboundSecrets(issuer, clientId, clientSecret, null);
  }

  /** These secrets; null if there is none among them. */
  public @Nullable UnboundSecrets orNull() {
    return clientSecret == null && credentials == null ? null : this;
  }
}
