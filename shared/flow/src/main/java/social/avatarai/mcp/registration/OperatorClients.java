package social.avatarai.mcp.registration;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.discovery.Profile;

/**
 * The clients that the operator has registered by hand and configured, such as {@code MCP_GITHUB_GITHUB_CLIENT_ID}.
 * Their secrets are in the vault. {@link OperatorSecrets} reads them, and only where a client authenticates.
 */
public final class OperatorClients {
  private final List<Configured> clients;

  public OperatorClients(List<Configured> clients) {
    this.clients = List.copyOf(clients);
  }

  /**
   * A configured client.
   *
   * @param profile the provider that it is registered at
   * @param id its identifier there
   * @param secretName the name or ARN of its secret in the vault; null for a public client
   * @param redirectUri the redirect URI that it is registered with; null for the one that is usual at its provider
   * @param method how it authenticates; null for what the profile or the metadata says
   */
  public record Configured(Profile profile, ClientId id, @Nullable String secretName,
      @Nullable RedirectUri redirectUri, @Nullable ClientAuthenticationMethod method) {

    /** A client that is registered as it is usual at its provider. */
    public Configured(Profile profile, ClientId id, @Nullable String secretName) {
      this(profile, id, secretName, null, null);
    }
  }

  /** The operator's registration at this issuer. It is not for endpoints that a record states. */
  Optional<ClientRegistration> registration(AuthorizationServerMetadata metadata) {
    return of(metadata.registeredAt()).map(client -> new ClientRegistration(metadata.issuer(),
        new ClientIdentity(Owner.deployment(), ClientIdentity.Origin.OPERATOR, client.id(), method(client, metadata)),
        Optional.ofNullable(client.redirectUri()).map(List::of).orElse(List.of()), Scopes.none(), null));
  }

  /** The name of the secret of the operator's client at this issuer, if this is its identifier. */
  Optional<String> secretName(Issuer issuer, ClientId id) {
    return of(issuer).filter(client -> client.id().equals(id)).map(Configured::secretName);
  }

  public boolean isConfigured(Issuer issuer, ClientId id) {
    return of(issuer).filter(client -> client.id().equals(id)).isPresent();
  }

  /** Whether this is the identifier of one of the clients, whichever issuer it is registered at. */
  boolean has(ClientId id) {
    return clients.stream().anyMatch(client -> client.id().equals(id));
  }

  private Optional<Configured> of(Issuer issuer) {
    return clients.stream().filter(client -> client.profile().issuer().means(issuer)).findFirst();
  }

  // The setting, else the profile, else the metadata, else Basic: the default of RFC 8414 §2 if a server lists nothing.
  private static ClientAuthenticationMethod method(Configured client, AuthorizationServerMetadata metadata) {
    if (client.secretName() == null) return ClientAuthenticationMethod.NONE;
    if (client.method() != null) return client.method();
    var profiled = client.profile().authMethod();
    return profiled != null
        ? profiled
        : RegistrationChoice.method(metadata, ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
  }
}
