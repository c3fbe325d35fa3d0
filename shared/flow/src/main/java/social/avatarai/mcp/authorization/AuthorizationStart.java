package social.avatarai.mcp.authorization;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.BrowserKey;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.DiscoveredResource;
import social.avatarai.mcp.registration.ClientChoice;
import social.avatarai.mcp.registration.CountedCall;
import social.avatarai.mcp.token.Replaceable;

/**
 * How a flow is to be started. Begin with {@link #fresh()} and name what is known; the flow chooses the rest.
 *
 * @param server the server of the registry that the flow is for; null for the connection of the resource alone
 * @param issuer the authorization server that is named; null for the resource's own
 * @param client the client
 * @param scope the scopes that are named; null to select them
 * @param browser the browser's key, kept from an earlier flow or new
 * @param returnTo where the browser goes in the end; null for the deployment's default
 * @param replaceable what the new grant may replace
 * @param counted the call that begins the flow, if an earlier step of the call has counted it; null to count it
 * @param recorded what the user's own record says about the issuer; null if there is no record, or if it says nothing
 */
public record AuthorizationStart(@Nullable ConnectionId server, @Nullable Issuer issuer, ClientChoice client,
    @Nullable Scopes scope, BrowserKey browser, @Nullable String returnTo, Replaceable replaceable,
    @Nullable CountedCall counted, @Nullable RecordedIssuer recorded) {

  /** A start that names nothing, in a browser with a new key. Its grant may replace a grant of the same issuer. */
  public static AuthorizationStart fresh() {
    return new AuthorizationStart(null, null, new ClientChoice.Ours(), null, BrowserKey.fresh(), null,
        new Replaceable.SameIssuer(), null, null);
  }

  /** The same for a server of the registry; null for the connection of the resource alone. */
  public AuthorizationStart forServer(@Nullable ConnectionId other) {
    return new AuthorizationStart(other, issuer, client, scope, browser, returnTo, replaceable, counted, recorded);
  }

  /** The same at this issuer; null for that of the resource. */
  public AuthorizationStart at(@Nullable Issuer other) {
    return new AuthorizationStart(server, other, client, scope, browser, returnTo, replaceable, counted, recorded);
  }

  /** The same as this client. */
  public AuthorizationStart as(ClientChoice other) {
    return new AuthorizationStart(server, issuer, other, scope, browser, returnTo, replaceable, counted, recorded);
  }

  /** The same with these scopes; null to select them. */
  public AuthorizationStart requesting(@Nullable Scopes other) {
    return new AuthorizationStart(server, issuer, client, other, browser, returnTo, replaceable, counted, recorded);
  }

  /** The same in the browser that has this key. */
  public AuthorizationStart in(BrowserKey other) {
    return new AuthorizationStart(server, issuer, client, scope, other, returnTo, replaceable, counted, recorded);
  }

  /** The same with another destination of the browser; null for the deployment's default. */
  public AuthorizationStart returningTo(@Nullable String other) {
    return new AuthorizationStart(server, issuer, client, scope, browser, other, replaceable, counted, recorded);
  }

  /** The same with a grant that may replace this. */
  public AuthorizationStart replacing(Replaceable other) {
    return new AuthorizationStart(server, issuer, client, scope, browser, returnTo, other, counted, recorded);
  }

  /** The same in a call that is counted already; null if it is not. */
  public AuthorizationStart counted(@Nullable CountedCall other) {
    return new AuthorizationStart(server, issuer, client, scope, browser, returnTo, replaceable, other, recorded);
  }

  /** The same with what the user's own record says about the issuer; null for nothing. */
  public AuthorizationStart recording(@Nullable RecordedIssuer other) {
    return new AuthorizationStart(server, issuer, client, scope, browser, returnTo, replaceable, counted, other);
  }

  /** Whether the flow is for a server of the registry, whose record then decides too. */
  public boolean isForServer() {
    return server != null && !server.isOfResource();
  }

  /** The connection that the grant will belong to. */
  public ConnectionId connection(DiscoveredResource resource) {
    return server != null && isForServer() ? server : ConnectionId.ofResource(resource.metadata().resource());
  }
}
