package social.avatarai.mcp.resource;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.http.Json;

/**
 * Reads the messages of a server-sent event stream (WHATWG HTML, server-sent events), one at a time.
 *
 * <p>Comments, event names, ids and retry times are passed over, and so are events without data, which servers send to
 * give a stream its first id.
 */
final class EventStream {
  private final BufferedReader lines;
  private boolean atBeginning = true;

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
    for (String line = nextLine(); line != null; line = nextLine()) {
      if (line.isEmpty() && !data.isEmpty()) return Optional.of(data.toString());
      if (line.startsWith("data:")) data.append(value(line)).append('\n');
    }
    // An event that the end of the stream cuts off is none.
    return Optional.empty();
  }

  /** Without the byte order mark that a stream may begin with. */
  private @Nullable String nextLine() throws IOException {
    String line = lines.readLine();
    boolean marked = atBeginning && line != null && line.startsWith("\ufeff");
    atBeginning = false;
    return marked ? line.substring(1) : line;
  }

  private static String value(String line) {
    return line.startsWith("data: ") ? line.substring(6) : line.substring(5);
  }
}
