package social.avatarai.mcp.vault;

import java.util.Optional;

/**
 * A store of named secrets, such as Secrets Manager. Names: {@code A-Za-z0-9/_+=.@-}; values: texts up to 64 KB.
 *
 * <p>Values are strings here, because the vault is their storage. No other code passes secrets as strings.
 */
public interface SecretVault {

  /** The current value; empty if there is no secret with this name (or it is marked for deletion). */
  Optional<String> read(String name);

  /** Creates a secret; false if a secret with this name exists already. */
  boolean create(String name, String value);

  /** Replaces the current value of an existing secret. */
  void replace(String name, String value);

  /** Deletes a secret permanently, if it exists. The name can be used again, but perhaps not at once. */
  void delete(String name);
}
