package social.avatarai.mcp.event;

/** The bus on which events are published. */
public interface EventBus {

  /** Publishes an event. If it throws a failure, the event may have been published nevertheless. */
  void publish(GrantEvent event);
}
