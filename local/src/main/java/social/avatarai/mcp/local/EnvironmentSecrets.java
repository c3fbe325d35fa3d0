package social.avatarai.mcp.local;

import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.vault.SecretVault;

/**
 * A vault that also has the secrets of the operator's clients from the environment of a local run, such as {@code
 * MCP_GITHUB_GITHUB_CLIENT_SECRET}. A deployment has them in Secrets Manager, and no secret in its environment.
 */
final class EnvironmentSecrets implements SecretVault {
  private static final String PREFIX = "local/operator-client/";

  private final SecretVault vault;
  private final Map<String, String> environment;

  EnvironmentSecrets(SecretVault vault, Map<String, String> environment) {
    this.vault = vault;
    this.environment = environment;
  }

  /** The name under which the vault has the value of a variable. */
  static String nameOf(String variable) {
    return PREFIX + variable;
  }

  @Override
  public Optional<String> read(String name) {
    return name.startsWith(PREFIX)
        ? Optional.ofNullable(environment.get(name.substring(PREFIX.length()))).map(String::strip)
        : vault.read(name);
  }

  @Override
  public boolean create(String name, String value) {
    return vault.create(name, value);
  }

  @Override
  public void replace(String name, String value) {
    vault.replace(name, value);
  }

  @Override
  public void delete(String name) {
    vault.delete(name);
  }
}
