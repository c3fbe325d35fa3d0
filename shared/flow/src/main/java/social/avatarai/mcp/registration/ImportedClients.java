package social.avatarai.mcp.registration;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.discovery.Profiles;

/**
 * Finds the client of tokens that a server record brings. It is the user's own client, as the record names it. A client
 * of the operator or of the deployment is never used on a record's word, even if it has the same identifier.
 */
public final class ImportedClients {
  private final Registrations registrations;
  private final Profiles profiles;

  public ImportedClients(Registrations registrations, Profiles profiles) {
    this.registrations = registrations;
    this.profiles = profiles;
  }

  /**
   * The client of a record.
   *
   * @param server the issuer, as it publishes its metadata or as the record states its endpoints
   * @param id the client that the record names; null if it names none
   * @param method how it authenticates; null if the record does not say
   */
  public ClientIdentity of(UserId user, AuthorizationServerMetadata server, @Nullable ClientId id,
      @Nullable ClientAuthenticationMethod method) {
    if (id == null) return ClientIdentity.unknown(user);
    var owner = Owner.of(user);
    var issuer = server.registeredAt();
    return registrations.find(owner, issuer, id).or(() -> misspelled(owner, issuer, id))
        .map(ClientRegistration::client)
        .map(client -> RegistrationChoice.authenticated(client, method, server, profiles))
        .orElseGet(() -> new ClientIdentity(owner, ClientIdentity.Origin.PUBLIC, id,
            ClientAuthenticationMethod.NONE));
  }

  /** A client of a server record is kept under the issuer as the user has written it. */
  private Optional<ClientRegistration> misspelled(Owner owner, Issuer published, ClientId id) {
    return registrations.find(owner, published.otherSpelling(), id)
        .filter(found -> found.client().origin() == ClientIdentity.Origin.PREREGISTERED);
  }
}
