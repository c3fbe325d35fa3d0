package social.avatarai.mcp.server;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.RecordedIssuer;
import social.avatarai.mcp.discovery.StatedEndpoints;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Terms;
import social.avatarai.mcp.record.ServerRecord;
import social.avatarai.mcp.record.UnboundSecrets;
import social.avatarai.mcp.registration.PreregisteredClients;
import social.avatarai.mcp.registration.PreregisteredClients.Given;
import social.avatarai.mcp.registration.PreregisteredClients.Keeping;

/** What a record that is about to be stored says about its client and its issuer. */
final class RecordClients {
  private final PreregisteredClients clients;

  RecordClients(PreregisteredClients clients) {
    this.clients = clients;
  }

  /** The client of a user's record; empty if the record names none, or no issuer that the client belongs to. */
  Optional<Keeping> prepare(UserId user, ServerRecord record, UnboundSecrets secrets, Optional<McpServer> before) {
    var client = record.client();
    if (client.id() == null || client.issuer() == null) return Optional.empty();
    var given = given(client, client.issuer(), client.id(), secrets.clientSecret());
    requireStatedWith(record, secrets, given, before.map(McpServer::terms));
    return Optional.of(clients.prepare(user, given));
  }

  /** A client that a record names together with its issuer, and with the endpoints that the record may state. */
  static Given given(ServerRecord.Client client, Issuer issuer, ClientId id, @Nullable ClientSecret secret) {
    var endpoints = client.endpoints();
    return new Given(endpoints == null ? issuer : endpoints.registeredAt(issuer), id, secret, client.redirectUri(),
        client.method());
  }

  /** A client or tokens without an issuer are kept, and not used. */
  static Terms terms(ServerRecord record, UnboundSecrets secrets, Optional<Keeping> kept) {
    var client = record.client();
    if (client.issuer() == null) {
      boolean issuerRequired = client.id() != null || secrets.orNull() != null;
      return new Terms(record.scopes(), null, null, client.method(), false, null, issuerRequired);
    }
    return new Terms(record.scopes(), client.issuer(), client.id(), client.method(),
        kept.filter(Keeping::hasSecret).isPresent(), client.endpoints());
  }

  /**
   * Secrets and tokens that wait in the row are not sent to endpoints that they were not stated with. A secret in the
   * store is not even found there, see {@link StatedEndpoints#registeredAt}: for it, this only says what is missing.
   */
  private static void requireStatedWith(ServerRecord record, UnboundSecrets secrets, Given given,
      Optional<Terms> former) {
    var client = record.client();
    boolean stated = client.endpoints() != null || former.map(Terms::endpoints).isPresent();
    if (!stated || former.filter(old -> old.names(given.issuer(), given.id())).isPresent()) return;
    boolean waiting = (secrets.clientSecret() != null && client.secret() == null)
        || (secrets.credentials() != null && record.credentials() == null);
    boolean leftBehind = client.secret() == null
        && former.filter(old -> old.hasSecret() && isOfSameClient(old, client)).isPresent();
    if (waiting || leftBehind) throw RecordedIssuer.secretMissing();
  }

  /** Whether both name one client of one issuer, whatever the endpoints. */
  private static boolean isOfSameClient(Terms old, ServerRecord.Client client) {
    return old.issuer() != null && client.issuer() != null && old.issuer().means(client.issuer())
        && Objects.equals(old.clientId(), client.id());
  }
}
