package social.avatarai.mcp.event;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantState;

/**
 * The facts of a stored grant that events contain. None of them is sealed, and none of them is a secret.
 *
 * @param key the user and the connection
 * @param grant the consent that the grant comes from
 * @param version counts the versions of the grant, from 1
 * @param status whether the grant can be renewed
 * @param cause why it cannot be renewed, as it is stored; null if it can be, or if no cause is stored
 * @param issuer the authorization server that gave the grant
 */
public record GrantFacts(ConnectionKey key, GrantId grant, long version, GrantState.Status status,
    @Nullable String cause, Issuer issuer) {

  boolean needsReauthorization() {
    return status == GrantState.Status.REAUTHORIZATION_REQUIRED;
  }
}
