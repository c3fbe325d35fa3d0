package social.avatarai.mcp.registration;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;

/** Client registrations, by owner and issuer, and what a connection has learned about an issuer. */
public interface Registrations {

  /**
   * The most registrations of one user: far more than a person needs. Concurrent registrations may exceed it a little.
   */
  int MAX_PER_USER = 200;

  /**
   * What a flow needs to know before it begins.
   *
   * @param user the user of the flow
   * @param connection the connection of the flow
   * @param issuer the authorization server, or see {@link social.avatarai.mcp.discovery.StatedEndpoints#registeredAt}
   * @param redirectUri the redirect URI of a registration of our own
   * @param clientId the client that the caller names; null to use our own
   */
  record Query(UserId user, ConnectionId connection, Issuer issuer, RedirectUri redirectUri,
      @Nullable ClientId clientId) {}

  /**
   * What is known.
   *
   * @param own the deployment's registration for this redirect URI; null if there is none
   * @param alone the registration for this redirect URI that was made for this user alone; null if there is none
   * @param named the registration of the named client, of the user if there is one, else of the deployment; null if
   *        there is none
   * @param misspelled the registration of the named client under the other spelling of the issuer, of the user if there
   *        is one, else of the deployment; null if there is none
   * @param deployments the deployment's registration of the named client, under the issuer or else under its other
   *        spelling, even if the user has one; null if there is none
   * @param offlineAccessRefused whether this issuer has refused {@code offline_access} on this connection
   * @param refusal the last refusal of scopes that this user met at this issuer; null if there was none
   */
  record Known(@Nullable ClientRegistration own, @Nullable ClientRegistration alone, @Nullable ClientRegistration named,
      @Nullable ClientRegistration misspelled, @Nullable ClientRegistration deployments, boolean offlineAccessRefused,
      @Nullable ScopeRefusal refusal) {

    /** Nothing is known about a client of the user alone, or about refused scopes. */
    public Known(@Nullable ClientRegistration own, @Nullable ClientRegistration named, boolean offlineAccessRefused) {
      this(own, null, named, null, null, offlineAccessRefused, null);
    }
  }

  /**
   * An {@code invalid_scope}: which of the scopes was meant is not said.
   *
   * @param client the client that was refused
   * @param scopes all scopes that the request named
   */
  record ScopeRefusal(ClientId client, Scopes scopes) {
    /** Whether a request of this client for these scopes would be refused again. */
    boolean appliesTo(ClientId other, Scopes requested) {
      return client.equals(other) && requested.containsAll(scopes);
    }
  }

  /** One batch read, consistent. */
  Known lookUp(Query query);

  /** The registration of a client under one owner (consistent). */
  Optional<ClientRegistration> find(Owner owner, Issuer issuer, ClientId clientId);

  /** All registrations of an owner at an issuer. */
  List<ClientRegistration> all(Owner owner, Issuer issuer);

  /** All registrations of an owner, at all issuers. */
  List<ClientRegistration> all(Owner owner);

  /** Deletes the registrations of a user that cannot be read any more. They cannot be deleted at their issuers. */
  void deleteUnreadable(UserId user);

  /** Deletes a registration kept by {@link #keep}, if there is one. */
  void delete(Owner owner, Issuer issuer, ClientId clientId);

  /**
   * Deletes everything else that is kept for a user: what connections have learned about issuers, and what belonged to
   * registrations that are gone. Leases end by themselves.
   */
  void deleteRest(UserId user);

  /** Keeps a registration made through {@code register-client}. It replaces an older one of the same client. */
  void keep(ClientRegistration registration);

  /**
   * Keeps the registration of our own for a redirect URI: that of the deployment, or the one for a user alone. It
   * replaces an older one of the same owner.
   */
  void keepOwn(ClientRegistration registration, RedirectUri redirectUri);

  /** Deletes our own registrations of this client at this issuer, because the issuer no longer knows the client. */
  void forgetOwn(Owner owner, Issuer issuer, ClientId clientId);

  /** Notes that the issuer has refused scopes. It replaces the refusal that this user met there before. */
  void noteScopeRefused(UserId user, Issuer issuer, ScopeRefusal refusal);

  /** Notes that {@code offline_access} is refused on this connection. */
  void noteOfflineAccessRefused(UserId user, ConnectionId connection, Issuer issuer);

  /**
   * Acquires the lease for registering at an issuer for an owner, or for changing the owner's secrets there. True for
   * one holder at a time. The lease ends by itself.
   */
  boolean acquireLease(Owner owner, Issuer issuer, Instant now, Instant until);

  void releaseLease(Owner owner, Issuer issuer);
}
