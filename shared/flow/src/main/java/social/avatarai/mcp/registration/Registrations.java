package social.avatarai.mcp.registration;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.UserId;

/** Client registrations, by owner and issuer, and what a connection has learned about an issuer. */
public interface Registrations {

  /** Registrations of one user: far more than a person needs; a few more where many are made at the same moment. */
  int MAX_PER_USER = 200;

  /**
   * What a flow needs to know before it begins.
   *
   * @param user whose flow it is
   * @param connection the connection it is for
   * @param issuer the authorization server
   * @param redirectUri the redirect URI that a registration of our own is made for
   * @param clientId the client the caller names; null to use our own
   */
  record Query(UserId user, ConnectionId connection, Issuer issuer, RedirectUri redirectUri,
      @Nullable ClientId clientId) {}

  /**
   * What is known.
   *
   * @param own the deployment's registration that we made for this redirect URI; null when there is none
   * @param named the registration of the client named, the user's before the deployment's, which may be our own; null when
   *        there is none
   * @param offlineAccessRefused whether this connection has seen {@code offline_access} refused at this issuer
   */
  record Known(@Nullable ClientRegistration own, @Nullable ClientRegistration named, boolean offlineAccessRefused) {}

  /** One batch read, consistent. */
  Known lookUp(Query query);

  /** The registration of a client under one owner (consistent). */
  Optional<ClientRegistration> find(Owner owner, Issuer issuer, ClientId clientId);

  /** All registrations of an owner at an issuer. */
  List<ClientRegistration> all(Owner owner, Issuer issuer);

  /** All registrations of an owner, at whatever issuer. */
  List<ClientRegistration> all(Owner owner);

  /** Forgets the registrations of a user that cannot be read any more: nobody can end them at their issuers. */
  void deleteUnreadable(UserId user);

  /** Forgets a registration kept by {@link #keep}, if there is one. */
  void delete(Owner owner, Issuer issuer, ClientId clientId);

  /**
   * Forgets whatever else is kept for a user: what connections learned of issuers, and what belonged to registrations
   * that are gone. Leases end by themselves.
   */
  void deleteRest(UserId user);

  /** Keeps a registration made through {@code register-client}, in place of an older one of the same client. */
  void keep(ClientRegistration registration);

  /** Keeps the registration that we made for a redirect URI, in place of an older one. */
  void keepOwn(ClientRegistration registration, RedirectUri redirectUri);

  /** Forgets the registrations of our own at this issuer that are this client: the issuer no longer knows it. */
  void forgetOwn(Issuer issuer, ClientId clientId);

  /** Notes that {@code offline_access} is refused on this connection. */
  void noteOfflineAccessRefused(UserId user, ConnectionId connection, Issuer issuer);

  /**
   * Takes the right to register at an issuer for an owner, or to change the owner's secrets there: true for one at a
   * time; ends by itself.
   */
  boolean acquireLease(Owner owner, Issuer issuer, Instant now, Instant until);

  void releaseLease(Owner owner, Issuer issuer);
}
