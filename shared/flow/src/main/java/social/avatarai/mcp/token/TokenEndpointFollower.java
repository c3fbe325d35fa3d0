package social.avatarai.mcp.token;

import java.time.Duration;
import java.util.Optional;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.discovery.DiscoveredServer;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.http.Site;
import social.avatarai.mcp.registration.ClientCredentials;

/**
 * Sends refresh tokens to the token endpoint that their grants are sealed for, and follows the endpoint if the issuer
 * has moved it within its site.
 *
 * <p>Remembered metadata costs no request, but may be older than the grant. So a difference is only a reason to fetch
 * the metadata again. An endpoint that seems to be gone is another reason.
 */
public final class TokenEndpointFollower {
  /** The most time that fetching the metadata may take from a refresh. */
  private static final Duration FOR_METADATA = Duration.ofSeconds(5);

  private final TokenEndpoint endpoint;
  private final Discovery discovery;

  public TokenEndpointFollower(TokenEndpoint endpoint, Discovery discovery) {
    this.endpoint = endpoint;
    this.discovery = discovery;
  }

  /**
   * A refresh token that was sent.
   *
   * @param grant the grant, with the endpoint that the refresh token was sent to
   * @param response the response
   */
  record Sent(Grant grant, TokenResponse response) {}

  /**
   * Sends the refresh token of a grant. Empty if the issuer's metadata names a token endpoint on another site: the
   * token is not sent there.
   */
  Optional<Sent> refresh(Grant grant, ClientCredentials client, Deadline deadline) {
    if (!isDoubtful(grant)) {
      var sent = send(grant, client, deadline);
      if (!sent.response().mayMeanThatTheEndpointMoved()) return Optional.of(sent);
      var published = published(grant, deadline);
      if (published.equals(grant.target().tokenEndpoint())) return Optional.of(sent);
      return follow(grant, published, client, deadline);
    }
    return follow(grant, published(grant, deadline), client, deadline);
  }

  private boolean isDoubtful(Grant grant) {
    return discovery.remembered(grant.target().issuer()).map(TokenEndpointFollower::endpoint)
        .filter(known -> !known.equals(grant.target().tokenEndpoint())).isPresent();
  }

  private Optional<Sent> follow(Grant grant, EndpointUrl published, ClientCredentials client, Deadline deadline) {
    if (!Site.isShared(grant.target().tokenEndpoint(), published)) return Optional.empty();
    return Optional.of(send(grant.at(published), client, deadline));
  }

  private Sent send(Grant grant, ClientCredentials client, Deadline deadline) {
    return new Sent(grant, endpoint.refresh(grant, client, deadline));
  }

  /** The token endpoint in the metadata now. If there is no metadata, assume that the endpoint has not moved. */
  private EndpointUrl published(Grant grant, Deadline deadline) {
    try {
      return discovery.fetched(grant.target().issuer(), Deadline.in(deadline.remaining(FOR_METADATA)))
          .map(TokenEndpointFollower::endpoint).orElse(grant.target().tokenEndpoint());
    } catch (Failure e) {
      return grant.target().tokenEndpoint();
    }
  }

  private static EndpointUrl endpoint(DiscoveredServer server) {
    return server.metadata().tokenEndpoint();
  }
}
