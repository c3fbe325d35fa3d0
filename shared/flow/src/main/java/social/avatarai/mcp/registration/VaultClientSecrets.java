package social.avatarai.mcp.registration;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.vault.SecretVault;

/**
 * Client secrets in the secret vault. There is one secret for each owner and issuer, because a secret has a monthly
 * price. Its value is a JSON object of client identifiers and their secrets.
 *
 * <p>The deployment's secrets are remembered for {@link #REMEMBERED}, so that a warm function does not call the vault.
 * A user's secrets are read every time.
 */
public final class VaultClientSecrets implements ClientSecrets {

  /** How long the deployment's secrets are remembered. A replaced secret is still sent for at most this time. */
  public static final Duration REMEMBERED = Duration.ofMinutes(5);

  private static final int MAX_REMEMBERED = 200;
  /** The limit of Secrets Manager. */
  private static final int MAX_BYTES = 65_536;
  /** More than one, because the read after a write may reach a replica that is a moment behind. */
  private static final int MAX_WRITES = 3;

  private final SecretVault vault;
  private final String prefix;
  private final Clock clock;
  private final Map<String, Remembered> remembered = new LinkedHashMap<>();

  private record Remembered(Map<ClientId, ClientSecret> secrets, Instant until) {}

  /**
   * @param vault where the secrets are kept
   * @param prefix the prefix of the secrets' names
   * @param clock tells when remembered secrets expire
   */
  public VaultClientSecrets(SecretVault vault, String prefix, Clock clock) {
    this.vault = vault;
    this.prefix = prefix;
    this.clock = clock;
  }

  @Override
  public Optional<ClientSecret> find(Owner owner, Issuer issuer, ClientId clientId) {
    String name = name(owner, issuer);
    // Another process may have registered a client a moment ago, so an unknown client is read from the vault.
    return Optional.ofNullable(recall(name).get(clientId))
        .or(() -> Optional.ofNullable(read(owner, name).get(clientId)));
  }

  @Override
  public Optional<ClientSecret> findAgain(Owner owner, Issuer issuer, ClientId clientId) {
    return Optional.ofNullable(read(owner, name(owner, issuer)).get(clientId));
  }

  @Override
  public void keep(Owner owner, Issuer issuer, ClientId clientId, ClientSecret secret) {
    String name = name(owner, issuer);
    // The next round reads the write back. Only then is it certain.
    for (int round = 0; round <= MAX_WRITES; round++) {
      Optional<String> value = vault.read(name);
      var secrets = new LinkedHashMap<>(parse(name, value));
      int before = secrets.size();
      if (secret.equals(secrets.put(clientId, secret))) {
        if (owner.isDeployment()) remember(name, secrets);
        return;
      }
      if (secrets.size() > before) ClientSecrets.requireRoom(owner, before);
      if (round < MAX_WRITES) write(name, value.isPresent(), json(secrets));
    }
    throw new Failure.Misconfigured("The client secret could not be kept.", "no write to " + name + " shows");
  }

  @Override
  public void remove(Owner owner, Issuer issuer, ClientId clientId) {
    String name = name(owner, issuer);
    for (int round = 0; round <= MAX_WRITES; round++) {
      var secrets = new LinkedHashMap<>(parse(name, vault.read(name)));
      if (secrets.remove(clientId) == null) {
        if (owner.isDeployment()) remember(name, secrets);
        return;
      }
      if (round < MAX_WRITES) rewrite(name, secrets);
    }
    throw new Failure.Misconfigured("The client secret could not be forgotten.", "no write to " + name + " shows");
  }

  /** Secrets Manager bills empty secrets, so delete the secret with its last entry. */
  private void rewrite(String name, Map<ClientId, ClientSecret> secrets) {
    if (secrets.isEmpty()) vault.delete(name);
    else
      vault.replace(name, json(secrets));
  }

  /** If another process creates the secret first, that secret stays, and the next round adds to it. */
  private void write(String name, boolean present, String value) {
    if (value.getBytes(UTF_8).length > MAX_BYTES) {
      throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST,
          "The client secrets at this authorization server would be over " + MAX_BYTES + " bytes together.");
    }
    if (present) vault.replace(name, value);
    else
      vault.create(name, value);
  }

  private Map<ClientId, ClientSecret> read(Owner owner, String name) {
    Map<ClientId, ClientSecret> secrets = parse(name, vault.read(name));
    if (owner.isDeployment()) remember(name, secrets);
    return secrets;
  }

  private synchronized Map<ClientId, ClientSecret> recall(String name) {
    Remembered known = remembered.get(name);
    return known == null || !clock.instant().isBefore(known.until) ? Map.of() : known.secrets;
  }

  private synchronized void remember(String name, Map<ClientId, ClientSecret> secrets) {
    remembered.remove(name);
    if (remembered.size() >= MAX_REMEMBERED) remembered.remove(remembered.keySet().iterator().next());
    remembered.put(name, new Remembered(secrets, clock.instant().plus(REMEMBERED)));
  }

  private String name(Owner owner, Issuer issuer) {
    return prefix + "/client/" + Digest.sha256Hex(owner.key()) + "/" + Digest.sha256Hex(issuer.value());
  }

  private static Map<ClientId, ClientSecret> parse(String name, Optional<String> value) {
    var secrets = new LinkedHashMap<ClientId, ClientSecret>();
    try {
      if (value.isPresent()) {
        ObjectNode map = Json.object(value.get().getBytes(UTF_8)).orElseThrow(IllegalArgumentException::new);
        map.properties().forEach(member -> secrets.put(new ClientId(member.getKey()),
            new ClientSecret(Objects.requireNonNullElse(member.getValue().textValue(), ""))));
      }
      return secrets;
    } catch (IllegalArgumentException e) {
      throw new Failure.Misconfigured("The stored client secrets are not readable.", "the value of " + name);
    }
  }

  private static String json(Map<ClientId, ClientSecret> secrets) {
    ObjectNode map = Json.newObject();
    secrets.forEach((id, secret) -> map.put(id.value(), secret.reveal()));
    return JsonText.of(map);
  }
}
