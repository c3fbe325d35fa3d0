package social.avatarai.mcp.registration;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;

/** Which client a flow uses: one of this deployment, or a client that the user or the user's server record names. */
public sealed interface ClientChoice {
  /** The client of this deployment. If there is none yet, {@link ClientSelector} registers one. */
  record Ours() implements ClientChoice {}

  /**
   * A named client.
   *
   * @param id its identifier at the issuer
   * @param method how it authenticates, if it was registered by hand; null for what the provider's profile or the
   *        issuer's metadata says
   * @param byBuiltIn whether a built-in record names it: then it is the client of the deployment. A client that the
   *        operator has entered in a built-in record is used only if a built-in record names it
   */
  record Named(ClientId id, @Nullable ClientAuthenticationMethod method, boolean byBuiltIn) implements ClientChoice {}

  /** The client with this identifier; our own client if the identifier is null. */
  static ClientChoice of(@Nullable ClientId id) {
    return id == null ? new Ours() : new Named(id, null, false);
  }

  /** The identifier of a named client. */
  default Optional<ClientId> named() {
    return this instanceof Named(var id, _, _) ? Optional.of(id) : Optional.empty();
  }

  /** This choice if it names a client, otherwise the other choice. */
  default ClientChoice or(ClientChoice other) {
    return this instanceof Named ? this : other;
  }

  /** The same client. A named client authenticates with this method. */
  default ClientChoice authenticatingBy(@Nullable ClientAuthenticationMethod method) {
    return this instanceof Named(var id, _, var byBuiltIn) ? new Named(id, method, byBuiltIn) : this;
  }

  /** The same client, named by a built-in record. */
  default ClientChoice namedByBuiltIn() {
    return this instanceof Named(var id, var method, _) ? new Named(id, method, true) : this;
  }
}
