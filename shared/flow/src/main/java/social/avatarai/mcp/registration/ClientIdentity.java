package social.avatarai.mcp.registration;

import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.UserId;

/**
 * Our client identity at an authorization server, as a session and a grant keep it.
 *
 * @param owner the owner of the registration
 * @param origin where the client comes from
 * @param id the client identifier
 * @param method how the client authenticates at the token endpoint
 */
public record ClientIdentity(Owner owner, Origin origin, ClientId id, ClientAuthenticationMethod method) {
  private static final ClientId UNKNOWN_ID = new ClientId("unknown");

  /** Where a client identity comes from. */
  public enum Origin {
    /** Configured by the operator; its secret is in the settings. */
    OPERATOR,
    /** Registered through {@code register-client}. */
    CALLER,
    /** Registered by hand, and named in a server record. */
    PREREGISTERED,
    /** Registered dynamically by this deployment, when a flow needed a client. */
    DYNAMIC,
    /** Our own Client ID Metadata Document; no registration is kept. */
    METADATA_DOCUMENT,
    /** Named by a caller and not registered here: a public client of that caller. */
    PUBLIC,
    /** Not known: tokens were imported without it. They are neither renewed nor revoked. */
    UNKNOWN;
  }

  /** The client of imported tokens whose record does not name it. */
  public static ClientIdentity unknown(UserId user) {
    return new ClientIdentity(Owner.of(user), Origin.UNKNOWN, UNKNOWN_ID, ClientAuthenticationMethod.NONE);
  }

  /** Whether there is a client by which tokens can be renewed and revoked. */
  public boolean isKnown() {
    return origin != Origin.UNKNOWN;
  }

  /** Whether the user chose the client. Another client would then be another app at the issuer. */
  public boolean isNamedByCaller() {
    return origin == Origin.CALLER || origin == Origin.PREREGISTERED || origin == Origin.PUBLIC;
  }

  /** The same client with another authentication method. */
  public ClientIdentity authenticatingBy(ClientAuthenticationMethod other) {
    return new ClientIdentity(owner, origin, id, other);
  }

  /** Whether its secret is in the client secret store. */
  public boolean hasStoredSecret() {
    return method != ClientAuthenticationMethod.NONE
        && (origin == Origin.CALLER || origin == Origin.PREREGISTERED || origin == Origin.DYNAMIC);
  }
}
