package social.avatarai.mcp.functions.scheduledrefresh;

import com.fasterxml.jackson.databind.JsonNode;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.EventHandler;
import social.avatarai.mcp.lambda.Wiring;

/**
 * The schedule invokes it every minute with {@code {"shards":"0-63"}}: it refreshes the grants that are due in those
 * shards.
 */
public final class ScheduledRefreshHandler extends EventHandler {
  private final Flow flow;

  public ScheduledRefreshHandler() {
    this(Wiring.primed());
  }

  ScheduledRefreshHandler(Wiring wiring) {
    super(wiring.journal());
    this.flow = wiring.flow();
  }

  @Override
  protected JsonNode handle(JsonNode event, Deadline deadline) {
    var shards = Shards.parse(event.path("shards").asText(""));
    var run = flow.refreshDue(shards.first(), shards.last(), deadline);
    return Json.newObject().put("seen", run.seen()).put("refreshed", run.refreshed()).put("postponed", run.postponed())
        .put("skipped", run.skipped()).put("finished", run.finished());
  }
}
