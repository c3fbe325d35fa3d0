package social.avatarai.mcp.vault;

/** Keys that are on their way. Closing waits until they have come, or have failed to: no read outlives who expected it. */
public interface Expected extends AutoCloseable {

  @Override
  void close();
}
