package social.avatarai.mcp.token;

import java.time.Duration;
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
  /** With less time than this just before the request, no refresh token is sent. Metadata gets only what is beyond. */
  static final Duration MIN_FOR_POST = Duration.ofSeconds(5);

  private final TokenEndpoint endpoint;
  private final Discovery discovery;

  public TokenEndpointFollower(TokenEndpoint endpoint, Discovery discovery) {
    this.endpoint = endpoint;
    this.discovery = discovery;
  }

  /** What came of a refresh token. */
  sealed interface Outcome {}

  /**
   * The refresh token was sent.
   *
   * @param grant the grant, with the endpoint that the refresh token was sent to
   * @param response the response
   */
  record Sent(Grant grant, TokenResponse response) implements Outcome {}

  /** The issuer's metadata names a token endpoint on another site. The refresh token was not sent there. */
  record Moved() implements Outcome {}

  /** Too little time was left, so the refresh token was not sent. */
  record NoTime() implements Outcome {}

  /** Sends the refresh token of a grant. */
  Outcome refresh(Grant grant, ClientCredentials client, Deadline deadline) {
    if (isDoubtful(grant)) return follow(grant, published(grant, deadline), client, deadline);
    var outcome = send(grant, client, deadline);
    if (!(outcome instanceof Sent sent) || !sent.response().mayMeanThatTheEndpointMoved()) return outcome;
    var published = published(grant, deadline);
    if (published.equals(grant.target().tokenEndpoint())) return sent;
    var followed = follow(grant, published, client, deadline);
    return followed instanceof NoTime ? sent : followed;
  }

  private boolean isDoubtful(Grant grant) {
    if (grant.target().stated() != null) return false;
    return discovery.remembered(grant.target().issuer()).map(TokenEndpointFollower::endpoint)
        .filter(known -> !known.equals(grant.target().tokenEndpoint())).isPresent();
  }

  private Outcome follow(Grant grant, EndpointUrl published, ClientCredentials client, Deadline deadline) {
    if (!Site.isShared(grant.target().tokenEndpoint(), published)) return new Moved();
    return send(grant.at(published), client, deadline);
  }

  /** An issuer that we stop waiting for may have replaced the refresh token, and the response is the only copy. */
  private Outcome send(Grant grant, ClientCredentials client, Deadline deadline) {
    if (!deadline.hasAtLeast(MIN_FOR_POST)) return new NoTime();
    return new Sent(grant, endpoint.refresh(grant, client, deadline));
  }

  /**
   * The token endpoint in the metadata now. If there is no metadata, assume that the endpoint has not moved. An endpoint
   * that the user's record states never moves by itself.
   */
  private EndpointUrl published(Grant grant, Deadline deadline) {
    if (grant.target().stated() != null || !deadline.hasAtLeast(MIN_FOR_POST)) return grant.target().tokenEndpoint();
    var share = Deadline.in(deadline.remaining().minus(MIN_FOR_POST));
    try {
      return discovery.fetched(grant.target().issuer(), Deadline.in(share.remaining(FOR_METADATA)))
          .map(TokenEndpointFollower::endpoint).orElse(grant.target().tokenEndpoint());
    } catch (Failure e) {
      return grant.target().tokenEndpoint();
    }
  }

  private static EndpointUrl endpoint(DiscoveredServer server) {
    return server.metadata().tokenEndpoint();
  }
}
