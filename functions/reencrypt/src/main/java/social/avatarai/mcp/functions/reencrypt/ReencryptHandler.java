package social.avatarai.mcp.functions.reencrypt;

import com.fasterxml.jackson.databind.JsonNode;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.EventHandler;
import social.avatarai.mcp.lambda.Wiring;

/**
 * The operator invokes it after a key rotation with {@code {"table":"tokens","cursor":null}}, and then with the cursor
 * of each response until that is null.
 */
public final class ReencryptHandler extends EventHandler {
  private final Flow flow;

  public ReencryptHandler() {
    this(Wiring.fromEnvironment());
  }

  ReencryptHandler(Wiring wiring) {
    super(wiring.journal());
    this.flow = wiring.flow();
  }

  @Override
  protected JsonNode handle(JsonNode event, Deadline deadline) {
    var stretch = ReencryptCall.parse(event);
    var run = flow.reencrypt(stretch.area(), stretch.cursor(), deadline);
    return Json.newObject().put("examined", run.examined()).put("reencrypted", run.reencrypted())
        .put("skipped", run.skipped()).put("cursor", run.cursor());
  }
}
