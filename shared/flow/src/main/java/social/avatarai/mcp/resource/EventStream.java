package social.avatarai.mcp.resource;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.Optional;
import social.avatarai.mcp.http.Json;

/**
 * Reads the messages of a server-sent event stream (WHATWG HTML, server-sent events), one at a time.
 *
 * <p>Comments, event names, ids and retry times are passed over, and so are events without data, which servers send to
 * give a stream its first id.
 */
final class EventStream {
  private final BufferedReader lines;

  EventStream(InputStream body) {
    this.lines = new BufferedReader(new InputStreamReader(body, UTF_8));
  }

  /** The next event that is a JSON object; empty at the end of the stream. */
  Optional<ObjectNode> next() throws IOException {
    for (var data = nextData(); data.isPresent(); data = nextData()) {
      var message = Json.object(data.get().getBytes(UTF_8));
      if (message.isPresent()) return message;
    }
    return Optional.empty();
  }

  private Optional<String> nextData() throws IOException {
    var data = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isEmpty() && !data.isEmpty()) return Optional.of(data.toString());
      if (line.startsWith("data:")) data.append(value(line)).append('\n');
    }
    // An event that the end of the stream cuts off is none.
    return Optional.empty();
  }

  private static String value(String line) {
    return line.startsWith("data: ") ? line.substring(6) : line.substring(5);
  }
}
