package social.avatarai.mcp.vault;

import java.util.Optional;

/**
 * A store of named secrets, as Secrets Manager is one. Names: {@code A-Za-z0-9/_+=.@-}; values: texts up to 64 KB.
 *
 * <p>Values are strings here because the vault is the place they rest in; nothing else passes them on as such.
 */
public interface SecretVault {

  /** The current value; empty when there is no secret of this name (or it is marked for deletion). */
  Optional<String> read(String name);

  /** Makes a secret; false when one of this name is there already. */
  boolean create(String name, String value);

  /** Replaces the current value of a secret that is there. */
  void replace(String name, String value);

  /** Deletes a secret for good, if there is one; its name can be used again, though perhaps not at once. */
  void delete(String name);
}
