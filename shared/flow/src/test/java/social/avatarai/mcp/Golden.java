package social.avatarai.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Json;

/** Documents and responses of real providers, in the shape that the providers document. All values are invented. */
public final class Golden {
  private Golden() {}

  public static ObjectNode document(String name) {
    return Json.object(text(name).getBytes(UTF_8)).orElseThrow();
  }

  public static HttpResponse response(int status, String name) {
    return HttpResponses.typed(status, "application/json; charset=utf-8", text(name));
  }

  private static String text(String name) {
    String file = "/golden/" + name + ".json";
    try (var stream = Objects.requireNonNull(Golden.class.getResourceAsStream(file), file)) {
      return new String(stream.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
