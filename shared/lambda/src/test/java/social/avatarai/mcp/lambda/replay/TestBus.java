package social.avatarai.mcp.lambda.replay;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.event.EventBus;
import social.avatarai.mcp.event.GrantEvent;

/** A bus that keeps the events it gets. */
public final class TestBus implements EventBus {
  private final List<GrantEvent> events = new ArrayList<>();
  private final Set<String> refused = new HashSet<>();

  /** Refuses the event with this id from now on. */
  public void refuse(String id) {
    refused.add(id);
  }

  public void refuseNothing() {
    refused.clear();
  }

  public List<GrantEvent> events() {
    return List.copyOf(events);
  }

  @Override
  public void publish(GrantEvent event) {
    if (refused.contains(event.id())) {
      throw new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE, "An event was not taken.", "the test refuses",
          true);
    }
    events.add(event);
  }
}
