package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.vault.SecretVault;

/** A secret vault in memory that counts its calls, and checks names and sizes like Secrets Manager. */
public final class MemoryVault implements SecretVault {
  private static final int MAX_BYTES = 65_536;

  private final Map<String, String> secrets = new ConcurrentHashMap<>();
  private final AtomicInteger calls = new AtomicInteger();

  @Override
  public Optional<String> read(String name) {
    calls.incrementAndGet();
    return Optional.ofNullable(secrets.get(checked(name)));
  }

  @Override
  public boolean create(String name, String value) {
    calls.incrementAndGet();
    return secrets.putIfAbsent(checked(name), fitting(value)) == null;
  }

  @Override
  public void replace(String name, String value) {
    calls.incrementAndGet();
    if (secrets.replace(checked(name), fitting(value)) == null) {
      throw new Failure.Misconfigured("A secret cannot be kept.", "secret " + name + " is not there");
    }
  }

  @Override
  public void delete(String name) {
    calls.incrementAndGet();
    secrets.remove(checked(name));
  }

  /** The number of all calls. */
  public int calls() {
    return calls.get();
  }

  /** All secrets by name. */
  public Map<String, String> contents() {
    return Map.copyOf(secrets);
  }

  private static String checked(String name) {
    if (!name.matches("[A-Za-z0-9/_+=.@-]{1,512}")) throw new IllegalArgumentException("no name for a secret: " + name);
    return name;
  }

  private static String fitting(String value) {
    if (value.isEmpty() || value.getBytes(UTF_8).length > MAX_BYTES) {
      throw new IllegalArgumentException("no value for a secret: empty, or over " + MAX_BYTES + " bytes");
    }
    return value;
  }
}
