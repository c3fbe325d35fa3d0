package social.avatarai.mcp.vault;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** Rings of invented keys, and a source that supplies one ring after the other. */
final class Rings implements KeyRingSource {
  static final String ONE = "1".repeat(64);
  static final String TWO = "2".repeat(64);

  private final Deque<KeyRing> rings = new ArrayDeque<>();
  private int reloads;

  private Rings() {}

  /** Supplies the first ring until a reload, then the next ring. After the last ring, reloads change nothing. */
  static Rings of(String... jsons) {
    var source = new Rings();
    Arrays.stream(jsons).map(KeyRing::parse).forEach(source.rings::add);
    return source;
  }

  static String oneKey() {
    return "{\"current\":\"k1\",\"k1\":\"" + ONE + "\"}";
  }

  static String twoKeys(String current) {
    return "{\"current\":\"" + current + "\",\"k1\":\"" + ONE + "\",\"k2\":\"" + TWO + "\"}";
  }

  int reloads() {
    return reloads;
  }

  @Override
  public KeyRing current() {
    return rings.getFirst();
  }

  @Override
  public KeyRing reload() {
    reloads++;
    if (rings.size() > 1) rings.removeFirst();
    return current();
  }
}
