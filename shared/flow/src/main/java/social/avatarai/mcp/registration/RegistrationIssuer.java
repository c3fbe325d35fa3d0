package social.avatarai.mcp.registration;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.discovery.DiscoveredServer;
import social.avatarai.mcp.discovery.Discovery;

/**
 * Finds the issuer of a registration endpoint. A registration is kept for one issuer, so the issuer must be known. It
 * is the issuer whose metadata, at the endpoint's origin or a parent of its path, names exactly this endpoint.
 */
public final class RegistrationIssuer {
  private static final int MAX_PATH_DEPTH = 4;

  private final Discovery discovery;

  public RegistrationIssuer(Discovery discovery) {
    this.discovery = discovery;
  }

  /** The metadata of the issuer that the caller names; {@code issuer_not_bound} if it does not name the endpoint. */
  public AuthorizationServerMetadata named(Issuer issuer, EndpointUrl endpoint, Deadline deadline) {
    var metadata = discovery.writtenIssuer(issuer, deadline).metadata();
    if (endpoint.equals(metadata.registrationEndpoint())) return metadata;
    // The metadata may be a remembered document that the issuer no longer publishes.
    var now = discovery.reread(metadata.issuer(), deadline).map(DiscoveredServer::metadata)
        .filter(fresh -> endpoint.equals(fresh.registrationEndpoint()));
    if (now.isPresent()) return now.get();
    throw new Failure.BadRequest(ErrorCode.ISSUER_NOT_BOUND,
        "The authorization server's metadata does not name this registration URL as its registration_endpoint; "
            + "discover-auth-server shows the one that it names.");
  }

  /** The metadata of the issuer that names the endpoint; {@code issuer_required} if no such issuer is found. */
  public AuthorizationServerMetadata found(EndpointUrl endpoint, Deadline deadline) {
    return candidates(endpoint).stream().flatMap(issuer -> metadata(issuer, deadline).stream())
        .filter(metadata -> endpoint.equals(metadata.registrationEndpoint())).findFirst()
        .orElseThrow(() -> new Failure.BadRequest(ErrorCode.ISSUER_REQUIRED,
            "Give auth_server_url: the authorization server of this registration URL could not be found at its origin or the "
                + "first " + MAX_PATH_DEPTH + " parents of its path."));
  }

  /** The metadata of a guessed issuer. If this guess is wrong, another one may be right. */
  private Optional<AuthorizationServerMetadata> metadata(Issuer issuer, Deadline deadline) {
    try {
      return Optional.of(discovery.authorizationServer(issuer, deadline).metadata());
    } catch (Failure.Unknown | Failure.ProtocolBroken | Failure.Unreachable e) {
      return Optional.empty();
    }
  }

  /** The origin, with and without a slash, then the parents of the path, nearest the root first. */
  private static List<Issuer> candidates(EndpointUrl endpoint) {
    var issuers = new ArrayList<Issuer>();
    issuers.add(new Issuer(endpoint.origin()));
    issuers.add(new Issuer(endpoint.origin() + "/"));
    String path = endpoint.path();
    for (int slash = path.indexOf('/', 1), depth = 0; slash > 0 && depth < MAX_PATH_DEPTH; depth++) {
      issuers.add(new Issuer(endpoint.origin() + path.substring(0, slash)));
      slash = path.indexOf('/', slash + 1);
    }
    return issuers;
  }
}
