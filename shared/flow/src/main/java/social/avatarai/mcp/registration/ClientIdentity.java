package social.avatarai.mcp.registration;

import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;

/**
 * Who we are at an authorization server, as a session and a grant remember it.
 *
 * @param owner whose registration it is
 * @param origin how we came by it
 * @param id the client identifier
 * @param method how it authenticates at the token endpoint
 */
public record ClientIdentity(Owner owner, Origin origin, ClientId id, ClientAuthenticationMethod method) {

  /** How we came by a client identity. */
  public enum Origin {
    /** Configured by the operator; its secret is in the settings. */
    OPERATOR,
    /** Registered through {@code register-client}. */
    CALLER,
    /** Registered by hand, and given with a server record. */
    PREREGISTERED,
    /** Registered dynamically by ourselves, when a flow needed it. */
    DYNAMIC,
    /** Our own Client ID Metadata Document; no registration is kept. */
    METADATA_DOCUMENT,
    /** Named by a caller and registered by nobody here: a public client of that caller. */
    PUBLIC
  }

  /** Whether the user chose it: then another one would be another app at the issuer. */
  public boolean isNamedByCaller() {
    return origin == Origin.CALLER || origin == Origin.PREREGISTERED || origin == Origin.PUBLIC;
  }

  /** The same client, authenticating otherwise. */
  public ClientIdentity authenticatingBy(ClientAuthenticationMethod other) {
    return new ClientIdentity(owner, origin, id, other);
  }

  /** Whether a secret of it is kept in the client secret store. */
  public boolean hasStoredSecret() {
    return method != ClientAuthenticationMethod.NONE
        && (origin == Origin.CALLER || origin == Origin.PREREGISTERED || origin == Origin.DYNAMIC);
  }
}
