package social.avatarai.mcp.event;

/** Where events leave. */
public interface EventBus {

  /** Publishes an event. If that fails, a failure says so, and the event may have left all the same. */
  void publish(GrantEvent event);
}
